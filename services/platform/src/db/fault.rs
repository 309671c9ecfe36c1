//! What an error of the database means: to the caller, and to the connection it
//! happened on.

use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

use crate::{
    Error,
    refusal::{self, Common},
};

/// Kinds of errors of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Somebody else was first; the same request may succeed when it is sent again.
    LostRace,
    /// No connection was free, or the statement took too long.
    Busy,
    /// Storage is away, full or broken; its connections are not to be trusted.
    Away,
    /// A statement that ought not to have been sent.
    Ours,
}

impl Fault {
    /// What `error` is.
    pub(crate) fn of(error: &DbErr) -> Self {
        match error {
            DbErr::RecordNotUpdated => Self::LostRace,
            DbErr::ConnectionAcquire(_) => Self::Busy,
            DbErr::Conn(_) => Self::Away,
            DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
                if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) {
                    return Self::LostRace;
                }
                of_driver(cause)
            }
            _ => Self::Ours,
        }
    }

    /// What the caller is told; the cause goes into the log.
    pub(crate) fn tell(self, cause: DbErr) -> Error {
        match self {
            Self::LostRace => {
                tracing::debug!(%cause, "lost race");
                Common::Aborted.into()
            }
            Self::Busy => {
                tracing::warn!(%cause, "database");
                refusal::busy("database").into()
            }
            Self::Away => {
                tracing::error!(%cause, "database");
                refusal::unavailable("database").into()
            }
            Self::Ours => Error::Fault(cause.into()),
        }
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Fault::of(&error).tell(error)
    }
}

fn of_driver(cause: &sqlx::Error) -> Fault {
    match cause {
        sqlx::Error::Database(cause) => match cause.code() {
            Some(code)
                if cause
                    .try_downcast_ref::<sqlx::sqlite::SqliteError>()
                    .is_some() =>
            {
                of_sqlite(&code)
            }
            Some(code) => of_postgres(&code),
            None => Fault::Ours,
        },
        sqlx::Error::PoolTimedOut => Fault::Busy,
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::BeginFailed => Fault::Away,
        _ => Fault::Ours,
    }
}

/// By SQLSTATE: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn of_postgres(code: &str) -> Fault {
    match code {
        // serialization_failure, deadlock_detected, lock_not_available.
        "40001" | "40P01" | "55P03" => Fault::LostRace,
        // query_canceled: `statement_timeout`.
        "57014" => Fault::Busy,
        // idle_in_transaction_session_timeout, transaction_timeout.
        "25P03" | "25P04" => Fault::Away,
        // read_only_sql_transaction (another server took over), data_corrupted, index_corrupted.
        "25006" | "XX001" | "XX002" => Fault::Away,
        // Connection, resources (disk full), operator intervention (shutdown),
        // system (input and output).
        _ if ["08", "53", "57", "58"].contains(&code.get(..2).unwrap_or_default()) => Fault::Away,
        _ => Fault::Ours,
    }
}

/// By the low byte of the extended result code: <https://www.sqlite.org/rescode.html>.
fn of_sqlite(code: &str) -> Fault {
    match code.parse::<u32>().map(|code| code & 0xff) {
        // SQLITE_BUSY, SQLITE_LOCKED.
        Ok(5 | 6) => Fault::LostRace,
        // NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOTADB.
        Ok(7..=11 | 13..=15 | 26) => Fault::Away,
        _ => Fault::Ours,
    }
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    #[test]
    fn an_update_that_hit_nothing_is_a_lost_race() {
        assert_eq!(Error::from(DbErr::RecordNotUpdated).code(), Code::Aborted);
    }

    #[test]
    fn codes_of_both_stores_say_whose_fault_it_is() {
        for (code, fault) in [
            ("40001", Fault::LostRace),
            ("40P01", Fault::LostRace),
            ("55P03", Fault::LostRace),
            ("57014", Fault::Busy),
            ("53100", Fault::Away),
            ("57P01", Fault::Away),
            ("58030", Fault::Away),
            ("08006", Fault::Away),
            ("25P03", Fault::Away),
            ("25006", Fault::Away),
            ("XX001", Fault::Away),
            ("25P02", Fault::Ours),
            ("42601", Fault::Ours),
        ] {
            assert_eq!(of_postgres(code), fault, "{code}");
        }
        // BUSY, BUSY_SNAPSHOT, FULL, IOERR_WRITE, CANTOPEN, CORRUPT, READONLY_DBMOVED, ERROR,
        // CONSTRAINT_TRIGGER.
        for (code, fault) in [
            ("5", Fault::LostRace),
            ("517", Fault::LostRace),
            ("13", Fault::Away),
            ("778", Fault::Away),
            ("14", Fault::Away),
            ("11", Fault::Away),
            ("1032", Fault::Away),
            ("1", Fault::Ours),
            ("1811", Fault::Ours),
        ] {
            assert_eq!(of_sqlite(code), fault, "{code}");
        }
    }
}
