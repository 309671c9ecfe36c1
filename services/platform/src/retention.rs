//! How long the platform keeps what has done its service: events that were
//! delivered or applied, and the answers to commands.

use std::time::Duration;

use serde::Deserialize;
use tokio::time::sleep;
use yuhui_kernel::Tenant;

use crate::{
    Result,
    clock::real_millis,
    db::{Database, Tenancy},
    idempotency, inbox, outbox,
};

/// Pause between two sweeps.
const EVERY: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// For how long what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Events that their destination has acknowledged, since they were written.
    #[serde(with = "humantime_serde")]
    pub delivered: Duration,
    /// Events that were applied.
    #[serde(with = "humantime_serde")]
    pub applied: Duration,
    /// Answers to commands: how late a command may be repeated.
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
pub async fn prune(db: &Database, retention: &Retention) -> Result<u64> {
    let before = |age: Duration| {
        let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
        real_millis().saturating_sub(age)
    };
    let (mut gone, mut failed) = (0, None);
    let counties = Tenant::all().iter().map(Tenancy::from);
    for tenancy in counties.chain([Tenancy::City]) {
        let pruned = async {
            let tx = db.begin(tenancy).await?;
            let mut gone = outbox::prune(&tx, before(retention.delivered)).await?;
            gone += inbox::prune(&tx, before(retention.applied)).await?;
            gone += idempotency::prune(&tx, before(retention.answers)).await?;
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

/// Forgets it from time to time, until dropped.
pub async fn sweep(db: Database, retention: Retention) {
    loop {
        match prune(&db, &retention).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "old events and answers forgotten"),
            Err(error) => tracing::warn!(%error, "old events and answers are still there"),
        }
        sleep(EVERY).await;
    }
}
