//! Opening pools of connections, and keeping out of them what cannot be
//! trusted any more.
//!
//! A COMMIT that fails for want of space undoes the transaction, but the driver
//! goes on believing that it is open; what follows on that connection becomes
//! savepoints of a transaction that nobody ever commits. So a connection on
//! which a transaction is open, or that was there when storage failed, is
//! closed before it is handed out.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sea_orm::{
    ConnectOptions, DatabaseConnection, DbErr,
    sqlx::{
        self, Connection as _,
        pool::PoolOptions,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};

use super::{DbConfig, Synchronous, fault::Fault};
use crate::{Error, Result};

/// After how long a rest a connection is asked whether its other end is still there.
const RESTED: Duration = Duration::from_secs(5);
/// Statements a connection keeps prepared: all that a service has, written down with as many values as
/// its lists have.
const PREPARED: usize = 1000;
/// Pages of SQLite's log, of 4 KiB each, that are carried over into the file at once, by whoever commits
/// then: what many commits write in the same page is carried over once.
const LOG_PAGES: &str = "16000";
/// By how much a connection must be younger than the suspicion: its age is
/// measured a moment before it is compared.
const MARGIN: Duration = Duration::from_millis(10);

/// Since when the connections of a database are under suspicion. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Suspicion(Arc<Mutex<Option<Instant>>>);

impl Suspicion {
    /// Nothing opened before now is used again.
    fn raise(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Raises it if `answer` to the begin or end of a transaction says that the connection cannot be
    /// trusted any more.
    pub(super) fn of_boundary<T>(&self, answer: Result<T, DbErr>) -> Result<T, DbErr> {
        self.of(answer, &[Fault::Away, Fault::Ours])
    }

    /// Raises it if `answer` to a statement does. A statement of ours that was wrong spoils nothing
    /// but its transaction.
    pub(super) fn of_statement<T>(&self, answer: Result<T, DbErr>) -> Result<T, DbErr> {
        self.of(answer, &[Fault::Away])
    }

    /// Waiting for a connection in vain spoils none.
    fn of<T>(&self, answer: Result<T, DbErr>, raising: &[Fault]) -> Result<T, DbErr> {
        if let Err(error @ (DbErr::Exec(_) | DbErr::Query(_))) = &answer
            && raising.contains(&Fault::of(error))
        {
            self.raise();
        }
        answer
    }

    fn spares(&self, age: Duration) -> bool {
        let since = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_none_or(|since| age + MARGIN < since.elapsed())
    }

    /// Closes what is not clean before it is handed out. The driver has pinged the connection when it
    /// came back, and the answer to a ping comes after those to everything sent before: a ROLLBACK on
    /// its way is over.
    fn watch<DB: sqlx::Database>(&self, pool: PoolOptions<DB>) -> PoolOptions<DB> {
        let suspicion = self.clone();
        pool.before_acquire(move |connection, about| {
            let spared = suspicion.spares(about.age);
            let is_clean = !connection.is_in_transaction();
            if !is_clean {
                tracing::error!("a connection is closed: its transaction could not be ended");
            }
            Box::pin(async move {
                if about.idle_for > RESTED {
                    connection.ping().await?;
                }
                Ok(spared && is_clean)
            })
        })
    }
}

/// A failure at the start is told to the operator, not to a caller.
pub(super) async fn open(options: ConnectOptions) -> Result<DatabaseConnection> {
    let opened = sea_orm::Database::connect(options).await;
    opened.map_err(|error| Error::Fault(anyhow::Error::new(error).context("open the database")))
}

/// Connections of the tables' owner.
pub(super) async fn owner(config: &DbConfig) -> Result<DatabaseConnection> {
    let mut config = config.clone();
    if let Some(url) = config.migrate_url.take() {
        config.url = url;
    }
    let suspicion = Suspicion::default();
    open(match config.file() {
        Some(_) => sqlite(&config, &suspicion, 1, false),
        None => postgres(&config, &suspicion),
    })
    .await
}

/// Connections to a SQLite file.
pub(super) fn sqlite(
    config: &DbConfig,
    suspicion: &Suspicion,
    connections: u32,
    read_only: bool,
) -> ConnectOptions {
    let synchronous = match config.synchronous {
        Synchronous::Full => SqliteSynchronous::Full,
        Synchronous::Normal => SqliteSynchronous::Normal,
    };
    let (suspicion, lock) = (suspicion.clone(), config.times.lock);
    let mut options = ConnectOptions::new(config.url.clone());
    options
        .max_connections(connections)
        .test_before_acquire(false)
        .acquire_timeout(config.times.statement)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |it| {
            let it = it
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(synchronous)
                .busy_timeout(lock)
                .statement_cache_capacity(PREPARED)
                .pragma("wal_autocheckpoint", LOG_PAGES)
                // What a statement may have to undo, it keeps in memory and not in a file of its own.
                .pragma("temp_store", "MEMORY")
                .foreign_keys(true);
            if read_only {
                it.pragma("query_only", "ON")
            } else {
                it
            }
        })
        .map_sqlx_sqlite_pool_opts(move |it| suspicion.watch(it));
    options
}

/// Connections to PostgreSQL.
pub(super) fn postgres(config: &DbConfig, suspicion: &Suspicion) -> ConnectOptions {
    let (suspicion, times) = (suspicion.clone(), config.times);
    let mut options = ConnectOptions::new(config.url.clone());
    options
        .max_connections(config.max_connections.max(2))
        .test_before_acquire(false)
        .acquire_timeout(times.acquire)
        .statement_timeout(times.statement)
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(move |it| {
            it.statement_cache_capacity(PREPARED).options([
                ("lock_timeout", times.lock.as_millis()),
                (
                    "idle_in_transaction_session_timeout",
                    times.idle_in_transaction.as_millis(),
                ),
            ])
        })
        .map_sqlx_postgres_pool_opts(move |it| suspicion.watch(it));
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_when_storage_failed_is_not_spared() {
        let suspicion = Suspicion::default();
        let (old, new) = (Duration::from_secs(60), Duration::ZERO);
        assert!(suspicion.spares(old));
        suspicion.raise();
        assert!(!suspicion.spares(old));
        std::thread::sleep(MARGIN * 2);
        assert!(suspicion.spares(new));
    }
}
