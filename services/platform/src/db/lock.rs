//! Where two acts on one thing meet. A writing transaction first locks the head of what it acts
//! on, and reads what it rests on afterwards: two acts on one thing meet there, not in their
//! effects. SQLite has one writer, so there they have met already.

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use super::Tx;
use crate::{Error, Result};

/// Locks of PostgreSQL are those of a whole database, whatever the schema.
const NAMED: &str = "hashtextextended(current_schema() || '/' || $1, 0)";

impl Tx {
    /// Locks what has no row of its own to lock, e.g. the rosters of a round or the claims on a
    /// child, until the transaction ends. `head` names it, the same for everybody who acts on it;
    /// what is the tenant's own has the tenant in its name.
    ///
    /// There is one order: the command or the event (`idempotency`, `inbox`), the round of a roster
    /// or the deadlines of a county, rows by their ids, then claims and findings; several of a kind in the order of their names.
    pub async fn lock(&self, head: &str) -> Result<()> {
        if !self.writes() {
            return Err(Error::fault("a transaction that only reads locks nothing"));
        }
        if self.connection().get_database_backend() == DbBackend::Postgres {
            let lock = format!("SELECT pg_advisory_xact_lock({NAMED})");
            let lock = Statement::from_sql_and_values(DbBackend::Postgres, lock, [head.into()]);
            self.connection().execute_raw(lock).await?;
        }
        Ok(())
    }

    /// Keeps everybody from locking `head` until the transaction ends, as others may at the same time; false
    /// if somebody has locked it. Waits for nobody, so that it may come after any other lock.
    pub async fn hold_off(&self, head: &str) -> Result<bool> {
        if self.connection().get_database_backend() != DbBackend::Postgres {
            return Ok(true);
        }
        let lock = format!("SELECT pg_try_advisory_xact_lock_shared({NAMED})");
        let lock = Statement::from_sql_and_values(DbBackend::Postgres, lock, [head.into()]);
        let row = self.connection().query_one_raw(lock).await?;
        Ok(row.map_or(Ok(false), |it| it.try_get_by_index(0))?)
    }
}
