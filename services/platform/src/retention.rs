//! How long the platform keeps what has done its service: events that were
//! delivered or applied, and the answers to commands.

use std::time::Duration;

use serde::Deserialize;

use crate::{
    Result,
    clock::{millis, real_millis},
    db::{Database, Tenancy},
    idempotency, inbox,
    jobs::{Job, Lease, Running},
    operations, outbox,
};

/// Pause between two sweeps.
const EVERY: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// For how long what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Events that their destination has acknowledged, since they were written.
    #[serde(with = "humantime_serde")]
    pub delivered: Duration,
    /// Events that were applied.
    #[serde(with = "humantime_serde")]
    pub applied: Duration,
    /// Answers to commands: how late a command may be repeated. Operations that have ended, too.
    #[serde(with = "humantime_serde")]
    pub answers: Duration,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            delivered: 7 * DAY,
            applied: 30 * DAY,
            answers: 30 * DAY,
        }
    }
}

/// Forgets what is older than it need be; answers how much that was.
pub async fn prune(db: &Database, retention: &Retention, lease: Option<&Lease>) -> Result<u64> {
    let before = |age: Duration| real_millis().saturating_sub(millis(age));
    let (mut gone, mut failed) = (0, None);
    for tenancy in Tenancy::each() {
        let pruned = async {
            let tx = db.begin(tenancy).await?;
            if let Some(lease) = lease {
                lease.check(&tx).await?;
            }
            let mut gone = outbox::prune(&tx, before(retention.delivered)).await?;
            gone += inbox::prune(&tx, before(retention.applied)).await?;
            gone += idempotency::prune(&tx, before(retention.answers)).await?;
            gone += operations::prune(&tx, before(retention.answers)).await?;
            tx.commit().await?;
            Ok(gone)
        };
        // What fails for one county is told, and done for the next all the same.
        match pruned.await {
            Ok(count) => gone += count,
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(gone), Err)
}

/// Forgets it from time to time.
#[must_use]
pub fn spawn(db: Database, retention: Retention) -> Running {
    Job::new("retention", &db.clone(), EVERY).spawn(move |lease| {
        let db = db.clone();
        async move {
            let count = prune(&db, &retention, Some(&lease)).await?;
            if count > 0 {
                tracing::info!(count, "old events and answers forgotten");
            }
            Ok(())
        }
    })
}
