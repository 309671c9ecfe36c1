//! What the service does without being asked: it watches the deadlines, arranges the work queue, and removes what was
//! half uploaded.

pub(crate) mod deadlines;
mod offline;
pub(crate) mod queue;
pub mod uploads;

use std::{sync::Arc, time::Duration};

use time::Date;
use tokio::sync::Mutex;
use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{
    Result,
    caller::Caller,
    jobs::{Job, Running},
};
use yuhui_proto::eligibility::v1::RunDeadlinesRequest;

pub use offline::{Missed, Offline, Outcome, Report, run};

use self::deadlines::{county_name, operation};
use crate::{Deps, context::Context, names::NAME};

/// How often the date is looked at: a run comes soon after the day has turned, and again soon
/// after a run that failed.
const INTERVAL: Duration = Duration::from_secs(60);

/// Begins the runs of every county once on each business day, soon after it has begun. A replica that
/// comes later finds them begun, and so does a sandbox that is set back to a day that it had.
#[must_use]
pub fn spawn(deps: Deps) -> Running {
    let context = deps.context();
    let job = Job::new("deadlines", &context.db, INTERVAL);
    let begun = Arc::new(Mutex::new(None));
    job.spawn(move |_| {
        let (context, begun) = (context.clone(), begun.clone());
        async move { begin_if_due(&context, &mut *begun.lock().await).await }
    })
}

/// Begins to arrange the work queue of every county when the service starts, and once a day.
#[must_use]
pub fn spawn_arranging(deps: Deps) -> Running {
    let context = deps.context();
    let job = Job::new("work-queue", &context.db, INTERVAL);
    let arranged = Arc::new(Mutex::new(None));
    job.spawn(move |_| {
        let (context, arranged) = (context.clone(), arranged.clone());
        async move {
            let (arranged, today) = (&mut *arranged.lock().await, context.today());
            if *arranged != Some(today) {
                queue::begin(&context, today).await?;
                *arranged = Some(today);
            }
            Ok(())
        }
    })
}

/// Begins if that is due, counting from `begun`; fails if it did for any county.
async fn begin_if_due(context: &Context, begun: &mut Option<Date>) -> Result<()> {
    let today = context.today();
    if *begun == Some(today) || !context.calendar.is_working_day(today) {
        return Ok(());
    }
    let mut refused = None;
    for county in Tenant::all() {
        let caller = Caller::service(NAME, Some(*county));
        let on = dates::format(today);
        let ask = RunDeadlinesRequest {
            parent: county_name(*county),
            request_id: format!("deadlines of {on}"),
            on,
        };
        if let Err(error) = operation::begin(context, (&caller, *county), &ask, today).await {
            tracing::error!(%county, %error, "the deadlines of a county were not looked at");
            refused = Some(error);
        }
    }
    match refused {
        Some(error) => Err(error),
        None => {
            *begun = Some(today);
            tracing::info!(%today, "deadlines are looked at");
            Ok(())
        }
    }
}
