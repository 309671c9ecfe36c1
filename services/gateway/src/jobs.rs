//! What the gateway does without being asked: it forgets old sessions.

use std::time::Duration;

use yuhui_platform::{Result, clock, db::Database};

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

/// Forgets old sessions from time to time, until dropped.
pub(crate) async fn sweep(db: Database) {
    loop {
        match forget(&db).await {
            Ok(count) if count > 0 => tracing::info!(count, "old sessions forgotten"),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "old sessions are still there"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Forgets every session that ended long ago, and its tokens.
async fn forget(db: &Database) -> Result<usize> {
    let before = micros(clock::real_now() - KEPT);
    let mut count = 0;
    loop {
        let tx = db.begin_global().await?;
        let gone = sessions::forget(&tx, before, BATCH).await?;
        if gone.is_empty() {
            return Ok(count);
        }
        refresh_tokens::forget(&tx, &gone).await?;
        tx.commit().await?;
        count += gone.len();
    }
}
