//! What was half uploaded is removed after a day, and what nobody needs because its content was there already.

use std::{sync::Arc, time::Duration};

use uuid::Uuid;
use yuhui_kernel::Tenant;
use yuhui_platform::{
    Result,
    clock::{millis, real_millis},
    jobs::{Job, Lease, Running},
};

use crate::{Deps, context::Context, store::uploads};

/// Pause between two sweeps.
const EVERY: Duration = Duration::from_secs(3600);
/// How long an upload may take.
pub const PATIENCE: Duration = Duration::from_secs(24 * 3600);
/// Uploads of a county that are removed in one go.
const BATCH: u64 = 100;

/// Sweeps from time to time.
#[must_use]
pub fn spawn(deps: Deps) -> Running {
    let context = deps.context();
    let job = Job::new("uploads", &context.db, EVERY);
    job.spawn(move |lease| {
        let context = context.clone();
        async move {
            let removed = sweep(&context, PATIENCE, Some(lease)).await?;
            if removed > 0 {
                tracing::info!(removed, "uploads that nobody finished are removed");
            }
            Ok(())
        }
    })
}

/// Removes at once what was begun longer than `age` ago and is not finished; answers how many uploads that were.
pub async fn run(deps: Deps, age: Duration) -> Result<u64> {
    sweep(&deps.context(), age, None).await
}

async fn sweep(context: &Context, age: Duration, lease: Option<Arc<Lease>>) -> Result<u64> {
    let before = real_millis().saturating_sub(millis(age));
    let (mut removed, mut failed) = (0, None);
    for county in Tenant::all() {
        // What fails for one county is told, and done for the next all the same.
        match sweep_county(context, *county, before, lease.as_deref()).await {
            Ok(count) => removed += count,
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(removed), Err)
}

async fn sweep_county(
    context: &Context,
    county: Tenant,
    before: i64,
    lease: Option<&Lease>,
) -> Result<u64> {
    let mut removed = 0;
    loop {
        let tx = context.db.begin(county).await?;
        if let Some(lease) = lease {
            lease.check(&tx).await?;
        }
        let dropped: Vec<Uuid> = uploads::drop_stale(&tx, before, BATCH).await?;
        tx.commit().await?;
        if dropped.is_empty() {
            return Ok(removed);
        }
        for upload in dropped {
            // Pieces first: whoever is stopped here goes on with the row.
            context.remove(county, upload).await?;
            let tx = context.db.begin(county).await?;
            if let Some(lease) = lease {
                lease.check(&tx).await?;
            }
            uploads::forget(&tx, upload).await?;
            tx.commit().await?;
            removed += 1;
        }
    }
}
