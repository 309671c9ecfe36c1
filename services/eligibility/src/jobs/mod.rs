//! What the service does without being asked: it watches the deadlines.

pub(crate) mod deadlines;

use std::{sync::Arc, time::Duration};

use time::Date;
use tokio::sync::Mutex;
use yuhui_kernel::{Calendar, Tenant};
use yuhui_platform::{
    Result,
    clock::Clock,
    db::{Database, Tenancy},
    jobs::{Job, Lease, Running},
};
use yuhui_policy::PolicyPack;

use self::deadlines::Run;
use crate::{
    domain::deadline::{Flag, Office},
    packs::Packs,
};

/// How often the date is looked at: a run comes soon after the day has turned, and again soon
/// after a run that failed.
const INTERVAL: Duration = Duration::from_secs(60);

/// What the watch over the deadlines stands on.
#[derive(Clone)]
pub struct Watch {
    /// Database of the service.
    pub db: Database,
    /// Business dates.
    pub clock: Clock,
    /// The policy as published.
    pub pack: Arc<PolicyPack>,
}

/// What a run found in one county.
#[derive(Debug)]
pub struct Report {
    /// The county.
    pub county: Tenant,
    /// New flags.
    pub flags: Vec<Missed>,
    /// Missed duties that turned out to be done.
    pub settled: usize,
    /// Resource names of the cases whose hold lapsed.
    pub lapsed: Vec<String>,
    /// Resource names of the cases that went to a panel after waiting long for a register.
    pub referred: Vec<String>,
}

/// A missed duty at one step of its escalation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// Resource name of the case, roster or notice.
    pub subject: String,
    /// What was not done, e.g. `VILLAGE_REVIEW`.
    pub duty: &'static str,
    /// Unit that should have.
    pub unit: String,
    /// The day.
    pub due_on: Date,
    /// −1 a reminder, 0 overdue, 1 to 3 escalated; of funding the days overdue.
    pub step: i32,
    /// Who is told, e.g. `TOWNSHIP`.
    pub told: Vec<&'static str>,
}

impl Missed {
    fn of(flag: Flag) -> Self {
        let told = flag.duty.told(flag.office, flag.step);
        Self {
            duty: flag.duty.as_str(),
            unit: flag.unit.to_string(),
            due_on: flag.due_on,
            step: flag.step,
            told: told.into_iter().map(Office::as_str).collect(),
            subject: flag.subject,
        }
    }
}

/// What became of a county.
pub type Outcome = (Tenant, Result<Report>);

/// Runs for a business date, county by county (R-PRC-3), whatever becomes of the one before. The same
/// run again changes nothing. Under `lease` it writes only while that is held.
pub async fn run(
    watch: &Watch,
    on: Date,
    counties: &[Tenant],
    lease: Option<&Lease>,
) -> Result<Vec<Outcome>> {
    let tx = watch.db.read(Tenancy::City).await?;
    let catalogue = Packs::new(watch.pack.clone()).catalogue(&tx).await?;
    drop(tx);
    let pack = catalogue.in_force_on(on).unwrap_or(&watch.pack);
    let run = Run::new(&watch.db, &watch.clock, pack, Calendar::china(), on).under(lease);
    let mut outcomes = Vec::with_capacity(counties.len());
    for county in counties {
        let found = run.county(*county).await;
        if let Err(error) = &found {
            tracing::error!(%county, %on, %error, "the deadlines of a county were not looked at");
        }
        let report = found.map(|found| Report {
            county: *county,
            flags: found.flags.into_iter().map(Missed::of).collect(),
            settled: found.settled,
            lapsed: found.lapsed,
            referred: found.referred,
        });
        outcomes.push((*county, report));
    }
    Ok(outcomes)
}

/// Runs for every county once on each business day, soon after it has begun.
#[must_use]
pub fn spawn(watch: Watch) -> Running {
    let last = Arc::new(Mutex::new(None));
    Job::new("deadlines", &watch.db, INTERVAL).spawn(move |lease| {
        let (watch, last) = (watch.clone(), last.clone());
        async move { run_if_due(&watch, &lease, &mut *last.lock().await).await }
    })
}

/// Runs if that is due, counting from `last`; fails if it did for any county.
async fn run_if_due(watch: &Watch, lease: &Lease, last: &mut Option<Date>) -> Result<()> {
    let today = watch.clock.today();
    if *last == Some(today) || !Calendar::china().is_working_day(today) {
        return Ok(());
    }
    let mut flags = 0;
    for (_, report) in run(watch, today, Tenant::all(), Some(lease)).await? {
        flags += report?.flags.len();
    }
    *last = Some(today);
    tracing::info!(%today, flags, "deadlines looked at");
    Ok(())
}
