//! Bringing the tables up to date, in one transaction and under one lock, so
//! that replicas that start together do not step on each other.

use sea_orm::{ConnectionTrait as _, DbBackend, TransactionTrait as _};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

use super::{Database, pool::open};
use crate::{Result, migration};

/// Another migration may be at it for longer than a statement may take; no lock of a table is waited
/// for longer than services can bear. Any number
/// that is the same in every replica.
const LOCK: &str = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0;
    SELECT pg_advisory_xact_lock(20240126);
    SET LOCAL lock_timeout = '3s'";

/// The service looks at its health whether the tables are its own.
const SHOW: &str = "GRANT SELECT ON seaql_migrations TO yuhui_service";

/// The platform's own tables; every service's migrator starts with these.
#[must_use]
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(migration::platform_0001_audit::Migration),
        Box::new(migration::platform_0002_outbox::Migration),
        Box::new(migration::platform_0003_idempotency::Migration),
        Box::new(migration::platform_0004_installation::Migration),
        Box::new(migration::platform_0005_lease::Migration),
        Box::new(migration::platform_0006_divisions::Migration),
        Box::new(migration::platform_0007_operations::Migration),
        Box::new(migration::platform_0008_changed_items::Migration),
    ]
}

/// Names of the migrations of `M`, as they are kept in the database.
#[must_use]
pub fn names_of<M: MigratorTrait>() -> Vec<String> {
    M::migrations()
        .iter()
        .map(|it| it.name().to_owned())
        .collect()
}

impl Database {
    /// Applies what is missing of `M`: all of it or nothing.
    pub async fn migrate<M: MigratorTrait>(&self) -> Result<()> {
        if self.must_be_current(&names_of::<M>()).await.is_ok() {
            return Ok(());
        }
        let owner = match &self.config.migrate_url {
            Some(url) => open(url.clone().into()).await?,
            None => self.write.clone(),
        };
        let transaction = owner.begin().await?;
        if self.backend() == DbBackend::Postgres {
            transaction.execute_unprepared(LOCK).await?;
        }
        M::up(&transaction, None).await?;
        if self.backend() == DbBackend::Postgres {
            transaction.execute_unprepared(SHOW).await?;
        }
        transaction.commit().await?;
        if self.config.migrate_url.is_some() {
            owner.close().await?;
        }
        Ok(())
    }
}
