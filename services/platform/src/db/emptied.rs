//! Databases of PostgreSQL in which something is only tried: empty before, and empty again after.

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use super::{DbConfig, pool::owner};
use crate::Result;

/// Whether the database of `config` holds no table.
pub async fn is_empty(config: &DbConfig) -> Result<bool> {
    let tables = "SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1";
    let tables = Statement::from_string(DbBackend::Postgres, tables);
    let owner = owner(config).await?;
    let found = owner.query_one_raw(tables).await?;
    owner.close().await?;
    Ok(found.is_none())
}

/// Throws away every table of the database of `config`, with all that is in them.
pub async fn empty(config: &DbConfig) -> Result<()> {
    let owner = owner(config).await?;
    for sql in ["DROP SCHEMA public CASCADE", "CREATE SCHEMA public"] {
        owner.execute_unprepared(sql).await?;
    }
    Ok(owner.close().await?)
}
