//! A run over everything open for one business date: holds lapse whose term is over, what is
//! overdue is flagged once, what was done is settled (R-PRC-3, R-PRC-11). It may be run for any
//! date and twice. It refuses nothing and moves no case but out of a hold, and to a panel what has
//! waited long for a register.

mod lapse;
pub(crate) mod on_request;
mod patience;
mod settle;

use serde_json::json;
use time::Date;
use uuid::Uuid;
use yuhui_kernel::{Calendar, Tenant, dates};
use yuhui_platform::{
    Result, audit,
    caller::Caller,
    clock::Clock,
    db::{Database, Tx},
    jobs::Lease,
};
use yuhui_policy::PolicyPack;

use crate::{
    domain::{
        Case,
        case::name as case_name,
        deadline::{Flag, Obligation, Year, watch::OPEN},
    },
    names::NAME,
    reads::due::{WATCHED, on_cases, on_roster},
    ritual::{Change, Writer},
    store::{self, cases::Filter},
};

/// Cases read at a time, and flags written at a time.
const BATCH: usize = 500;

/// One run.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) db: &'a Database,
    pub(crate) clock: &'a Clock,
    pub(crate) year: Year<'a>,
    /// Business date.
    pub(crate) on: Date,
    /// Of the job, if one runs.
    lease: Option<&'a Lease>,
}

/// What a run found in a county.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) flags: Vec<Flag>,
    /// Missed duties that turned out to be done.
    pub(crate) settled: usize,
    /// Names of the cases whose hold lapsed.
    pub(crate) lapsed: Vec<String>,
    /// Names of the cases that went to a panel.
    pub(crate) referred: Vec<String>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(
        db: &'a Database,
        clock: &'a Clock,
        pack: &'a PolicyPack,
        calendar: &'a Calendar,
        on: Date,
    ) -> Self {
        Self {
            db,
            clock,
            year: Year { pack, calendar },
            on,
            lease: None,
        }
    }

    /// Writes only while `lease` is held.
    pub(crate) fn under(self, lease: Option<&'a Lease>) -> Self {
        Self { lease, ..self }
    }

    /// A transaction that writes. Two runs for one county, of two machines perhaps, do so one after
    /// the other.
    async fn begin(&self, tenant: Tenant) -> Result<Tx> {
        let tx = self.db.begin(tenant).await?;
        tx.lock(&format!("deadlines/{}", tx.scope())).await?;
        if let Some(lease) = self.lease {
            lease.check(&tx).await?;
        }
        Ok(tx)
    }

    /// Runs for one county.
    pub(crate) async fn county(&self, tenant: Tenant) -> Result<Found> {
        let lapsed = self.lapse_holds(tenant).await?;
        let referred = self.refer_waiting(tenant).await?;
        let named = |ids: Vec<Uuid>| ids.into_iter().map(|it| case_name(tenant, it)).collect();
        let due = self.obligations(tenant).await?;
        let flags = self.flag(tenant, &due).await?;
        let settled = self.settle(tenant, &due).await?;
        Ok(Found {
            flags,
            settled,
            lapsed: named(lapsed),
            referred: named(referred),
        })
    }

    /// The next cases of a county that fit `filter` and are `due`, a batch at most; none when there are
    /// no more.
    async fn next_due(
        &self,
        tenant: Tenant,
        filter: &mut Filter,
        due: impl Fn(&Case) -> bool,
    ) -> Result<Option<Vec<Uuid>>> {
        loop {
            let tx = self.db.read(tenant).await?;
            let batch = store::cases::list(&tx, filter, u64::try_from(BATCH).ok()).await?;
            let Some(last) = batch.last() else {
                return Ok(None);
            };
            filter.after = Some(last.case.id.to_string());
            let due = batch.iter().filter(|it| due(&it.case));
            let due: Vec<Uuid> = due.map(|it| it.case.id).collect();
            if !due.is_empty() {
                return Ok(Some(due));
            }
        }
    }

    /// Writes what became of cases, in nobody's name; answers which.
    async fn write(&self, tx: Tx, action: &'static str, changes: Vec<Change>) -> Result<Vec<Uuid>> {
        let changed: Vec<Uuid> = changes.iter().map(|it| it.after.id).collect();
        if changed.is_empty() {
            return Ok(changed);
        }
        let tenant = tx.tenant()?;
        let writer = Writer {
            tx: &tx,
            caller: &service(tenant),
            now: self.clock.now(),
            action,
            operation: "",
        };
        let entry = audit::Entry::new(action, county_name(tenant));
        let on = json!({ "on": dates::format(self.on) });
        writer.write_all(entry, on, changes, Vec::new()).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Everything that is due in a county, whether or not its day has come.
    async fn obligations(&self, tenant: Tenant) -> Result<Vec<Obligation>> {
        let mut due = Vec::new();
        let mut filter = Filter {
            states: OPEN.to_vec(),
            ..Filter::default()
        };
        loop {
            let tx = self.db.read(tenant).await?;
            let batch = store::cases::list(&tx, &filter, u64::try_from(BATCH).ok()).await?;
            let Some(last) = batch.last() else { break };
            filter.after = Some(last.case.id.to_string());
            due.extend(on_cases(&tx, &self.year, &batch).await?);
        }
        let tx = self.db.read(tenant).await?;
        for roster in store::rosters::in_states(&tx, WATCHED, None, None).await? {
            due.extend(on_roster(&tx, &self.year, &roster).await?);
        }
        let notices = store::notices::unclosed(&tx, "", self.on, None, None).await?;
        due.extend(notices.iter().filter_map(|it| self.year.of_notice(it)));
        Ok(due)
    }

    /// Writes the flags that are not known yet, each batch with its audit entry.
    async fn flag(&self, tenant: Tenant, due: &[Obligation]) -> Result<Vec<Flag>> {
        let calendar = self.year.calendar;
        let flags = due.iter().flat_map(|it| it.flags(calendar, self.on));
        let flags: Vec<Flag> = flags.collect();
        let mut new = Vec::new();
        for batch in flags.chunks(BATCH) {
            // Most days everything is known: that is found out without writing.
            let keys: Vec<String> = batch.iter().map(Flag::key).collect();
            let tx = self.db.read(tenant).await?;
            let known = store::deadlines::known(&tx, &keys).await?;
            drop(tx);
            if known.len() == keys.len() {
                continue;
            }
            let tx = self.begin(tenant).await?;
            let known = store::deadlines::known(&tx, &keys).await?;
            let unknown = batch.iter().filter(|it| !known.contains(&it.key()));
            let unknown: Vec<Flag> = unknown.cloned().collect();
            if unknown.is_empty() {
                continue;
            }
            store::deadlines::add(&tx, &unknown).await?;
            let entry = audit::Entry::new("deadline.flag", county_name(tenant))
                .after(&json!({ "flags": &unknown }))
                .reason(dates::format(self.on));
            audit::record(&tx, &service(tenant), self.clock.now(), entry).await?;
            tx.commit().await?;
            new.extend(unknown);
        }
        Ok(new)
    }
}

/// The run acts in nobody's name.
fn service(tenant: Tenant) -> Caller {
    Caller::service(NAME, Some(tenant))
}

fn county_name(tenant: Tenant) -> String {
    format!("counties/{}", tenant.as_str())
}
