//! Who leads a job: a row with an owner, an end by the clock of the database, and an epoch that
//! grows with every owner. Who was away too long finds another epoch when he writes.

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, DbBackend, Statement, Value};

use crate::{
    Result,
    clock::millis,
    db::{Database, Tx},
    refusal,
};

/// A lease that is held, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    job: String,
    owner: String,
    epoch: i64,
}

impl Lease {
    /// The lease of `job` for `life`, if nobody else holds it.
    pub async fn acquire(
        db: &Database,
        job: &str,
        owner: &str,
        life: Duration,
    ) -> Result<Option<Self>> {
        let now = db.backend_now();
        let acquire = format!(
            "INSERT INTO lease (job, owner, epoch, until_ms) VALUES ($1, $2, 1, {now} + $3)
             ON CONFLICT (job) DO UPDATE
             SET owner = $2, epoch = lease.epoch + 1, until_ms = {now} + $3
             WHERE lease.until_ms <= {now} OR lease.owner = $2
             RETURNING epoch"
        );
        let tx = db.begin_global().await?;
        let values = [job.into(), owner.into(), millis(life).into()];
        let row = Statement::from_sql_and_values(db.backend(), acquire, values);
        let Some(row) = tx.query_one_raw(row).await? else {
            return Ok(None);
        };
        let epoch = row.try_get("", "epoch")?;
        tx.commit().await?;
        Ok(Some(Self {
            job: job.to_owned(),
            owner: owner.to_owned(),
            epoch,
        }))
    }

    /// Grows with every owner.
    #[must_use]
    pub fn epoch(&self) -> i64 {
        self.epoch
    }

    /// Holds it for `life` from now; not if it has ended, whoever has it since.
    pub async fn renew(&self, db: &Database, life: Duration) -> Result<bool> {
        self.set_end(db, millis(life).into()).await
    }

    /// Leaves it to others at once.
    pub async fn release(&self, db: &Database) -> Result<()> {
        self.set_end(db, millis(Duration::ZERO).into())
            .await
            .map(|_| ())
    }

    async fn set_end(&self, db: &Database, left: Value) -> Result<bool> {
        let now = db.backend_now();
        let set = format!(
            "UPDATE lease SET until_ms = {now} + $3
             WHERE job = $1 AND epoch = $2 AND until_ms > {now}"
        );
        let tx = db.begin_global().await?;
        let values = [self.job.as_str().into(), self.epoch.into(), left];
        let set = Statement::from_sql_and_values(db.backend(), set, values);
        let done = tx.execute_raw(set).await?.rows_affected();
        tx.commit().await?;
        Ok(done == 1)
    }

    /// Refuses (`ABORTED`) if somebody else leads by now; nobody comes to lead before `tx` has ended.
    pub async fn check(&self, tx: &Tx) -> Result<()> {
        let backend = tx.get_database_backend();
        let lock = match backend {
            DbBackend::Postgres => "FOR SHARE",
            // The one writer is this transaction.
            _ => "",
        };
        let held = format!("SELECT 1 FROM lease WHERE job = $1 AND epoch = $2 {lock}");
        let values = [self.job.as_str().into(), self.epoch.into()];
        let held = Statement::from_sql_and_values(backend, held, values);
        match tx.query_one_raw(held).await? {
            Some(_) => Ok(()),
            None => Err(refusal::aborted().into()),
        }
    }
}

impl Database {
    /// Writes, so that it is known whether that is possible.
    pub async fn probe(&self) -> Result<()> {
        Lease::acquire(self, "probe", "health", Duration::ZERO).await?;
        Ok(())
    }
}
