//! Runs a test on every store: SQLite always, PostgreSQL when `YUHUI_TEST_PG`
//! holds the URL of a role that owns a database and may create roles.

use std::sync::Arc;

use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use sea_orm_migration::{MigrationTrait, MigratorTrait};
use yuhui_kernel::Tenant;

use super::{Database, DbConfig};
use crate::{
    Result, clock,
    vault::{Key, Vault},
};

/// The platform's tables alone.
pub(crate) struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        super::migrations()
    }
}

/// A county of Baotou.
pub(crate) fn tenant(code: &str) -> Tenant {
    Tenant::parse(code).expect("a county of Baotou")
}

/// Runs `test` on a fresh database of each kind.
pub(crate) async fn on_every_store(test: impl AsyncFn(Database) -> Result<()>) {
    let folder = tempfile::tempdir().expect("folder");
    let db = sqlite(folder.path()).await;
    test(db).await.expect("on SQLite");
    if let Some((db, owner, schema)) = postgres().await {
        test(db).await.expect("on PostgreSQL");
        let drop = format!("DROP SCHEMA {schema} CASCADE");
        owner.execute_unprepared(&drop).await.expect("dropped");
    }
}

/// A fresh SQLite database in `folder`.
pub(crate) async fn sqlite(folder: &std::path::Path) -> Database {
    let config = DbConfig::sqlite(&folder.join("test.db"));
    let db = Database::connect(&config).await.expect("connected");
    db.migrate::<Migrator>().await.expect("migrated");
    db.keyed(vault())
}

fn vault() -> Arc<Vault> {
    let key = |byte: &str| Key::from_hex(&byte.repeat(32)).expect("key");
    Arc::new(Vault::with_first_key("platform", &key("06"), key("07")).expect("vault"))
}

/// A fresh schema, reached as the service role: the owner would do too, as
/// row-level security is forced, but a superuser would not.
async fn postgres() -> Option<(Database, DatabaseConnection, String)> {
    let url = yuhui_stage::setting("YUHUI_TEST_PG")?;
    let owner = sea_orm::Database::connect(&url).await.expect("owner");
    let schema = format!("test_{}", clock::fresh_id().simple());
    let create = format!("CREATE SCHEMA {schema}");
    owner.execute_unprepared(&create).await.expect("schema");
    let separator = if url.contains('?') { '&' } else { '?' };
    let in_schema = format!("{url}{separator}options[search_path]={schema}");
    let config = DbConfig {
        url: format!("{in_schema}&options[role]=yuhui_service"),
        migrate_url: Some(in_schema),
        ..DbConfig::sqlite("unused".as_ref())
    };
    ensure_role(&owner).await;
    let db = Database::connect(&config).await.expect("service role");
    db.migrate::<Migrator>().await.expect("migrated");
    Some((db.keyed(vault()), owner, schema))
}

/// The role must be there before the first connection as it, and the tests of
/// several processes run at once.
async fn ensure_role(owner: &DatabaseConnection) {
    let sql = "DO $$ BEGIN
            CREATE ROLE yuhui_service NOLOGIN NOSUPERUSER NOBYPASSRLS;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
        DO $$ BEGIN
            GRANT yuhui_service TO CURRENT_USER;
        EXCEPTION WHEN OTHERS THEN NULL; -- granted by another test just now
        END $$";
    owner.execute_unprepared(sql).await.expect("role");
}
