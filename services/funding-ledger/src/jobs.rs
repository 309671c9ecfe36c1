//! What the ledger does without being asked.

use std::time::Duration;

use tokio::task::JoinHandle;
use yuhui_kernel::Tenant;

use crate::{Deps, store::city};

/// How often the city book is brought up to date, beside every posting that touches it.
const INTERVAL: Duration = Duration::from_secs(30);

/// Brings the city book up to date now and then every half minute, for postings whose second
/// transaction was cut off. Ends when it is aborted.
#[must_use]
pub fn spawn(deps: Deps) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(INTERVAL);
        loop {
            ticks.tick().await;
            for county in Tenant::all() {
                if let Err(error) = city::follow(&deps.db, &deps.clock, *county).await {
                    tracing::warn!(%county, %error, "the city book is behind");
                }
            }
        }
    })
}
