//! Every statement of a [`Tx`], and what becomes of it when one fails.
//!
//! PostgreSQL answers the COMMIT of an aborted transaction with ROLLBACK, which
//! the driver does not report; SQLite, when the disk is full, undoes the
//! transaction and would execute each further statement for itself. Neither may
//! look like success: after a statement that failed, or whose answer nobody
//! waited for, nothing is executed and nothing is committed.

use std::{future::Future, sync::OnceLock};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};

use super::{Tx, fault::Fault};

/// Notes a statement as failed unless it was answered.
struct Pending<'tx> {
    failed: &'tx OnceLock<Fault>,
    answered: bool,
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        if !self.answered {
            // An earlier failure keeps its place.
            _ = self.failed.set(Fault::Busy);
        }
    }
}

impl Tx {
    async fn noted<T>(
        &self,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        if self.failed.get().is_some() {
            let why = "an earlier statement of the transaction failed";
            return Err(DbErr::Custom(why.into()));
        }
        let mut pending = Pending {
            failed: &self.failed,
            answered: false,
        };
        let answer = self.suspicion.of_statement(statement.await);
        pending.answered = true;
        if let Err(error) = &answer {
            _ = self.failed.set(Fault::of(error));
        }
        answer
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.noted(self.inner.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.noted(self.inner.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.noted(self.inner.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.noted(self.inner.query_all_raw(statement)).await
    }
}
