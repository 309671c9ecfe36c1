//! Runs a test on every store: SQLite always, PostgreSQL when `YUHUI_TEST_PG` holds the URL of
//! a role that owns a database and may create roles.

use std::path::PathBuf;

use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use sea_orm_migration::MigratorTrait;
use yuhui_platform::{
    clock::fresh_id,
    db::{Database, DbConfig},
};

/// Runs `test` on a fresh database of each kind; on SQLite with the path of its file.
pub async fn on_every_store<M: MigratorTrait>(test: impl AsyncFn(Database, Option<PathBuf>)) {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("test.db");
    let db = connect::<M>(&DbConfig::sqlite(&file)).await;
    test(db, Some(file)).await;
    let Some(url) = yuhui_stage::setting("YUHUI_TEST_PG") else {
        return;
    };
    let owner = sea_orm::Database::connect(&url).await.expect("owner");
    let schema = format!("test_{}", fresh_id().simple());
    let config = postgres(&owner, &url, &schema).await;
    let db = connect::<M>(&config).await;
    test(db, None).await;
    let drop = format!("DROP SCHEMA {schema} CASCADE");
    owner.execute_unprepared(&drop).await.expect("dropped");
}

async fn connect<M: MigratorTrait>(config: &DbConfig) -> Database {
    let db = Database::connect(config).await.expect("connected");
    db.migrate::<M>().await.expect("migrated");
    db
}

/// A schema of its own, reached as the role the services act as.
async fn postgres(owner: &DatabaseConnection, url: &str, schema: &str) -> DbConfig {
    let sql = format!(
        "CREATE SCHEMA {schema};
         DO $$ BEGIN
            CREATE ROLE yuhui_service NOLOGIN NOSUPERUSER NOBYPASSRLS;
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
         DO $$ BEGIN
            GRANT yuhui_service TO CURRENT_USER;
         EXCEPTION WHEN OTHERS THEN NULL; -- granted by another test just now
         END $$"
    );
    owner.execute_unprepared(&sql).await.expect("schema");
    let separator = if url.contains('?') { '&' } else { '?' };
    let in_schema = format!("{url}{separator}options[search_path]={schema}");
    DbConfig {
        url: format!("{in_schema}&options[role]=yuhui_service"),
        migrate_url: Some(in_schema),
        max_connections: 6,
        ..DbConfig::sqlite("unused".as_ref())
    }
}
