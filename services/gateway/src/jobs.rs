//! What the gateway does without being asked: it forgets old sessions.

use std::time::Duration;

use yuhui_platform::{
    Result, clock,
    db::Database,
    jobs::{Job, Lease, Running},
};

use crate::{
    sessions::micros,
    store::{refresh_tokens, sessions},
};

/// Pause between two sweeps.
const EVERY: Duration = Duration::from_secs(3600);
/// How long an ended session is kept, for questions; the audit record stays.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);
/// Sessions forgotten in one transaction.
const BATCH: u64 = 500;

/// Forgets old sessions from time to time.
#[must_use]
pub fn spawn(db: Database) -> Running {
    Job::new("sessions", &db.clone(), EVERY).spawn(move |lease| {
        let db = db.clone();
        async move {
            let count = forget(&db, &lease).await?;
            if count > 0 {
                tracing::info!(count, "old sessions forgotten");
            }
            Ok(())
        }
    })
}

/// Forgets every session that ended long ago, and its tokens.
async fn forget(db: &Database, lease: &Lease) -> Result<usize> {
    let before = micros(clock::real_now() - KEPT);
    let mut count = 0;
    loop {
        let tx = db.begin_global().await?;
        lease.check(&tx).await?;
        let gone = sessions::forget(&tx, before, BATCH).await?;
        if gone.is_empty() {
            return Ok(count);
        }
        refresh_tokens::forget(&tx, &gone).await?;
        tx.commit().await?;
        count += gone.len();
    }
}
