//! The SQLite files of a system, looked at from beside it.

use std::path::Path;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};

/// Opens a file that must exist, for reading.
pub(crate) async fn open(file: &Path) -> Result<DatabaseConnection, DbErr> {
    open_as(file, "ro").await
}

/// The same, to change what no command changes.
pub(crate) async fn open_to_change(file: &Path) -> Result<DatabaseConnection, DbErr> {
    open_as(file, "rw").await
}

async fn open_as(file: &Path, mode: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode={mode}", file.display()));
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await
}
