//! What the ledger does without being asked.

use std::time::Duration;

use yuhui_kernel::Tenant;
use yuhui_platform::{
    Result,
    jobs::{Job, Lease, Running},
};

use crate::{Deps, store::city};

/// How often the city book is brought up to date, beside every posting that touches it.
const INTERVAL: Duration = Duration::from_secs(30);

/// Brings the city book up to date now and then every half minute, for postings whose second
/// transaction was cut off.
#[must_use]
pub fn spawn(deps: Deps) -> Running {
    Job::new("city-book", &deps.db, INTERVAL).spawn(move |lease| {
        let deps = deps.clone();
        async move { follow(&deps, &lease).await }
    })
}

/// Takes every county, whatever becomes of the one before; fails if one did.
async fn follow(deps: &Deps, lease: &Lease) -> Result<()> {
    let mut failed = None;
    for county in Tenant::all() {
        if let Err(error) = city::follow(&deps.db, &deps.clock, *county, Some(lease)).await {
            tracing::error!(%county, %error, "the city book is behind");
            failed = Some(error);
        }
    }
    failed.map_or(Ok(()), Err)
}
