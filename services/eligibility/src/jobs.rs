//! What the service does without being asked: it watches the deadlines.

use std::{sync::Arc, time::Duration};

use time::Date;
use tokio::task::JoinHandle;
use yuhui_kernel::{Calendar, Tenant};
use yuhui_platform::{
    Result,
    clock::Clock,
    db::{Database, Tenancy},
};
use yuhui_policy::PolicyPack;

use crate::{
    deadlines::{Found, Run},
    domain::deadline::{Flag, Office},
    packs::Packs,
};

/// How often the date is looked at: a run comes soon after the day has turned, and again soon
/// after a run that failed.
const LOOK: Duration = Duration::from_secs(60);

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

/// Runs for a business date, county by county (R-PRC-3). The same run again changes nothing.
pub async fn run(watch: &Watch, on: Date, counties: &[Tenant]) -> Result<Vec<Report>> {
    let tx = watch.db.read(Tenancy::City).await?;
    let catalogue = Packs::new(watch.pack.clone()).catalogue(&tx).await?;
    drop(tx);
    let pack = catalogue.in_force_on(on).unwrap_or(&watch.pack);
    let run = Run::new(&watch.db, &watch.clock, pack, Calendar::china(), on);
    let mut reports = Vec::with_capacity(counties.len());
    for county in counties {
        let Found {
            flags,
            settled,
            lapsed,
            referred,
        } = run.county(*county).await?;
        reports.push(Report {
            county: *county,
            flags: flags.into_iter().map(Missed::of).collect(),
            settled,
            lapsed,
            referred,
        });
    }
    Ok(reports)
}

/// Runs for every county once on each business day, soon after it has begun. Ends when it is
/// aborted.
#[must_use]
pub fn spawn(watch: Watch) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(LOOK);
        let mut last = None;
        loop {
            ticks.tick().await;
            let today = watch.clock.today();
            if last == Some(today) || !Calendar::china().is_working_day(today) {
                continue;
            }
            match run(&watch, today, Tenant::all()).await {
                Ok(reports) => {
                    last = Some(today);
                    let flags: usize = reports.iter().map(|it| it.flags.len()).sum();
                    tracing::info!(%today, flags, "deadlines looked at");
                }
                Err(error) => tracing::warn!(%today, %error, "deadlines were not looked at"),
            }
        }
    })
}
