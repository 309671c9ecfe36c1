//! A run over the deadlines out of the database itself, while nothing is served (`yuhui deadlines`).

use std::sync::Arc;

use time::Date;
use yuhui_kernel::{Calendar, Tenant};
use yuhui_platform::{
    Result,
    clock::Clock,
    db::{Database, Tenancy},
    operations::SLICE,
};
use yuhui_policy::PolicyPack;

use super::deadlines::{Found, Place, Run};
use crate::{
    domain::deadline::{Flag, Office, Year},
    packs::Packs,
};

/// What a run stands on that nobody serves.
pub struct Offline {
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

/// Runs for a business date at once, county by county (R-PRC-3), whatever becomes of the one before. The
/// same run again changes nothing.
pub async fn run(offline: &Offline, on: Date, counties: &[Tenant]) -> Result<Vec<Outcome>> {
    let tx = offline.db.read(Tenancy::City).await?;
    let catalogue = Packs::new(offline.pack.clone()).catalogue(&tx).await?;
    drop(tx);
    let run = Run {
        moves: true,
        clock: &offline.clock,
        year: Year {
            pack: catalogue.in_force_on(on).unwrap_or(&offline.pack),
            calendar: Calendar::china(),
        },
        on,
        operation: "",
    };
    let mut outcomes = Vec::with_capacity(counties.len());
    for county in counties {
        let found = at_once(&offline.db, &run, *county).await;
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

/// Slice after slice of one county.
async fn at_once(db: &Database, run: &Run<'_>, county: Tenant) -> Result<Found> {
    let (mut found, mut place) = (Found::default(), Some(Place::default()));
    while let Some(at) = place {
        let tx = db.read(county).await?;
        let mut looked = run.look(&tx, &at, SLICE).await?;
        drop(tx);
        place = looked.next.take();
        if !looked.is_at_rest() {
            let tx = db.begin(county).await?;
            found.extend(run.write(&tx, looked).await?);
            tx.commit().await?;
        }
    }
    Ok(found)
}
