//! The store under test: SQLite, or PostgreSQL when `YUHUI_TEST_PG` holds the
//! URL of a role that owns a database and may create roles.

use std::path::Path;

use sea_orm::ConnectionTrait as _;
use yuhui_institution_registry::Migrator;
use yuhui_platform::{
    clock,
    db::{Database, DbConfig},
};

/// A fresh database with the service's tables.
pub async fn fresh(folder: &Path) -> Database {
    let sqlite = DbConfig::sqlite(&folder.join("test.db"));
    let config = match yuhui_stage::setting("YUHUI_TEST_PG") {
        Some(url) => schema(&url, sqlite).await,
        None => sqlite,
    };
    let db = Database::connect(&config).await.expect("connected");
    db.migrate::<Migrator>().await.expect("migrated");
    db
}

/// A schema of its own, reached as the role the services act as.
async fn schema(url: &str, config: DbConfig) -> DbConfig {
    let owner = sea_orm::Database::connect(url).await.expect("owner");
    let schema = format!("test_{}", clock::fresh_id().simple());
    let sql = format!(
        "CREATE SCHEMA {schema};
         DO $$ BEGIN CREATE ROLE yuhui_service NOLOGIN NOSUPERUSER NOBYPASSRLS;
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
         DO $$ BEGIN GRANT yuhui_service TO CURRENT_USER;
         EXCEPTION WHEN OTHERS THEN NULL; -- granted by another test just now
         END $$"
    );
    owner
        .execute_unprepared(&sql)
        .await
        .expect("schema and role");
    let separator = if url.contains('?') { '&' } else { '?' };
    let owned = format!("{url}{separator}options[search_path]={schema}");
    DbConfig {
        url: format!("{owned}&options[role]=yuhui_service"),
        migrate_url: Some(owned),
        max_connections: 3,
        ..config
    }
}
