//! Fresh databases: SQLite, or PostgreSQL when `YUHUI_TEST_PG` holds the URL
//! of a role that owns a database and may create roles.

use std::path::Path;

use sea_orm::ConnectionTrait as _;
use yuhui_gateway::Migrator;
use yuhui_platform::{
    clock,
    db::{Database, DbConfig},
};

/// A fresh database, with the gateway's tables; `name` tells it from others.
pub async fn fresh(folder: &Path, name: &str) -> Database {
    let config = match yuhui_stage::setting("YUHUI_TEST_PG") {
        Some(url) => postgres(&url).await,
        None => DbConfig::sqlite(&folder.join(format!("{name}.db"))),
    };
    let db = Database::connect(&config).await.expect("connected");
    db.migrate::<Migrator>().await.expect("migrated");
    db
}

/// A schema of its own, reached as the role the services act as.
async fn postgres(url: &str) -> DbConfig {
    let owner = sea_orm::Database::connect(url).await.expect("owner");
    let schema = format!("test_{}", clock::fresh_id().simple());
    let sql = format!(
        "DO $$ BEGIN CREATE ROLE yuhui_service NOLOGIN NOSUPERUSER NOBYPASSRLS;
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
         DO $$ BEGIN GRANT yuhui_service TO CURRENT_USER;
         EXCEPTION WHEN OTHERS THEN NULL; END $$; -- granted by another test just now
         CREATE SCHEMA {schema};"
    );
    owner.execute_unprepared(&sql).await.expect("schema");
    let separator = if url.contains('?') { '&' } else { '?' };
    let in_schema = format!("{url}{separator}options[search_path]={schema}");
    DbConfig {
        url: format!("{in_schema}&options[role]=yuhui_service"),
        migrate_url: Some(in_schema),
        ..DbConfig::sqlite(Path::new("unused"))
    }
}
