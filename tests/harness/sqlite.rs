//! The SQLite files of a system, looked at from beside it.

use std::path::Path;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};

/// Opens a file that must exist, for reading.
pub(crate) async fn open(file: &Path) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=ro", file.display()));
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await
}
