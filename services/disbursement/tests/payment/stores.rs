//! The store under test: SQLite, or PostgreSQL where `YUHUI_TEST_PG` holds the
//! URL of a role that owns a database and may create roles.

use std::path::Path;

use sea_orm::ConnectionTrait as _;
use yuhui_disbursement::Migrator;
use yuhui_platform::{
    clock::fresh_id,
    db::{Database, DbConfig},
};

/// Where an owner may make a fresh database.
pub async fn owned(folder: &Path) -> String {
    let sqlite = DbConfig::sqlite(&folder.join("disbursement.db"));
    match yuhui_stage::setting("YUHUI_TEST_PG") {
        Some(url) => postgres(&url, sqlite).await.migrate_url.expect("an owner"),
        None => format!("{}?mode=rwc", sqlite.url.split('?').next().expect("a url")),
    }
}

/// A fresh database.
pub async fn fresh(folder: &Path) -> Database {
    let sqlite = DbConfig::sqlite(&folder.join("disbursement.db"));
    let config = match yuhui_stage::setting("YUHUI_TEST_PG") {
        Some(url) => postgres(&url, sqlite).await,
        None => sqlite,
    };
    let db = Database::connect(&config).await.expect("database");
    db.migrate::<Migrator>().await.expect("migrated");
    db
}

/// A schema of its own, reached as the role the services act as.
async fn postgres(url: &str, base: DbConfig) -> DbConfig {
    let owner = sea_orm::Database::connect(url).await.expect("owner");
    let schema = format!("test_{}", fresh_id().simple());
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
    owner.close().await.expect("closed");
    let separator = if url.contains('?') { '&' } else { '?' };
    let in_schema = format!("{url}{separator}options[search_path]={schema}");
    DbConfig {
        url: format!("{in_schema}&options[role]=yuhui_service"),
        migrate_url: Some(in_schema),
        max_connections: 4,
        ..base
    }
}
