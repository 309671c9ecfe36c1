//! A run over everything open for one business date: holds lapse whose term is over, what is
//! overdue is flagged once, what was done is settled (R-PRC-3, R-PRC-11). It may be run for any
//! date and twice. It refuses nothing and moves no case but out of a hold, and to a panel what has
//! waited long for a register.
//!
//! A run goes over a county slice by slice: what there is to do is looked for in a transaction that
//! reads, and done in one that writes, as far as nobody else has done it or moved the case since.

mod flag;
mod found;
mod lapse;
pub(crate) mod operation;
mod patience;
mod place;
mod settle;

use serde_json::json;
use time::Date;
use uuid::Uuid;
use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{Result, audit, caller::Caller, clock::Clock, db::Tx};

use self::settle::Done;
pub(crate) use self::{found::Found, place::Place};
use crate::{
    domain::deadline::{Flag, Year, watch::OPEN},
    names::NAME,
    reads::due::{WATCHED, on_cases, on_roster, unanswered},
    ritual::{Change, Writer},
    store::{self, cases::Filter},
};

/// One run.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) clock: &'a Clock,
    pub(crate) year: Year<'a>,
    /// Business date.
    pub(crate) on: Date,
    /// Whether cases are moved; otherwise what is due is flagged alone.
    pub(crate) moves: bool,
    /// Name of the operation; empty if it is none.
    pub(crate) operation: &'a str,
}

/// What a slice has looked at, and what there is to do.
#[derive(Default)]
pub(crate) struct Looked {
    /// Cases, rosters, notices, reports and missed duties.
    pub(crate) count: u64,
    /// Cases whose hold is over.
    over: Vec<Uuid>,
    /// Cases that have waited long for a register.
    waited: Vec<Uuid>,
    /// Flags that were not known.
    flags: Vec<Flag>,
    /// Missed duties that turned out to be done.
    done: Vec<Done>,
    /// Where the next slice begins; none if this was the last.
    pub(crate) next: Option<Place>,
}

impl Looked {
    fn moves_cases(&self) -> bool {
        !self.over.is_empty() || !self.waited.is_empty()
    }

    /// Whether there is nothing to do.
    pub(crate) fn is_at_rest(&self) -> bool {
        !self.moves_cases() && self.flags.is_empty() && self.done.is_empty()
    }
}

impl Run<'_> {
    /// Looks at what is next from `place` on, at most a slice.
    pub(crate) async fn look(&self, tx: &Tx, place: &Place, slice: u64) -> Result<Looked> {
        let mut looked = Looked::default();
        let mut at = place.clone();
        loop {
            let room = slice.saturating_sub(looked.count).max(1);
            let page = match &at {
                Place::Cases(after) => self.look_at_cases(tx, after, room, &mut looked).await?,
                Place::Rosters(after) => self.look_at_rosters(tx, after, room, &mut looked).await?,
                Place::Notices(after) => self.look_at_notices(tx, after, room, &mut looked).await?,
                Place::Reports(after) => self.look_at_reports(tx, after, room, &mut looked).await?,
                Place::Missed(after) => self.look_at_missed(tx, after, room, &mut looked).await?,
            };
            looked.count += page.count;
            looked.next = at.next(page.more_after);
            match &looked.next {
                // What else is due follows from where the cases are once they have been moved.
                Some(Place::Rosters(_) | Place::Missed(_)) if looked.moves_cases() => {
                    return Ok(looked);
                }
                Some(next) if looked.count < slice => at = next.clone(),
                _ => return Ok(looked),
            }
        }
    }

    /// Does what there is to do. Two runs for one county, of two machines perhaps, do so one after the
    /// other, and what one has done the other leaves.
    pub(crate) async fn write(&self, tx: &Tx, looked: Looked) -> Result<Found> {
        if looked.is_at_rest() {
            return Ok(Found::default());
        }
        tx.lock(&format!("deadlines/{}", tx.scope())).await?;
        let released = self.released(tx, &looked.over).await?;
        let referred = self.referred(tx, &looked.waited).await?;
        // Rows in one order for both.
        let moved = released.iter().chain(&referred);
        store::cases::lock_all(tx, moved.map(|it| it.after.id).collect()).await?;
        let lapsed = self.move_cases(tx, "case.lapse_hold", released).await?;
        let referred = self.move_cases(tx, "case.refer_waiting", referred).await?;
        let mut flags = looked.flags;
        let moved = [looked.over, looked.waited].concat();
        let moved = store::cases::named(tx, &moved).await?;
        for due in on_cases(tx, &self.year, &moved).await? {
            flags.extend(due.flags(self.year.calendar, self.on));
        }
        Ok(Found {
            lapsed,
            referred,
            flags: self.flag(tx, flags).await?,
            settled: self.settle(tx, looked.done).await?,
        })
    }

    async fn look_at_cases(
        &self,
        tx: &Tx,
        after: &str,
        room: u64,
        looked: &mut Looked,
    ) -> Result<Page> {
        let filter = Filter {
            states: OPEN.to_vec(),
            after: Some(after.into()),
            ..Filter::default()
        };
        let batch = store::cases::list(tx, &filter, Some(room)).await?;
        let page = Page::of(&batch, room, |it| it.case.id.to_string());
        let mut others = Vec::with_capacity(batch.len());
        for stored in batch {
            if self.moves && self.is_over(&stored.case) {
                looked.over.push(stored.case.id);
            } else if self.moves && self.has_waited(&stored.case) {
                looked.waited.push(stored.case.id);
            } else {
                others.push(stored);
            }
        }
        let due = on_cases(tx, &self.year, &others).await?;
        looked.flags.extend(self.unknown(tx, due).await?);
        Ok(page)
    }

    async fn look_at_rosters(
        &self,
        tx: &Tx,
        after: &str,
        room: u64,
        looked: &mut Looked,
    ) -> Result<Page> {
        let rosters = store::rosters::in_states(tx, WATCHED, Some(after), Some(room)).await?;
        let mut due = Vec::new();
        for roster in &rosters {
            due.extend(on_roster(tx, &self.year, roster).await?);
        }
        looked.flags.extend(self.unknown(tx, due).await?);
        Ok(Page::of(&rosters, room, |it| it.id.to_string()))
    }

    async fn look_at_notices(
        &self,
        tx: &Tx,
        after: &str,
        room: u64,
        looked: &mut Looked,
    ) -> Result<Page> {
        let unclosed = store::notices::unclosed(tx, "", self.on, Some(after), Some(room));
        let notices = unclosed.await?;
        let due = notices.iter().filter_map(|it| self.year.of_notice(it));
        looked.flags.extend(self.unknown(tx, due.collect()).await?);
        Ok(Page::of(&notices, room, |it| it.id.to_string()))
    }

    async fn look_at_reports(
        &self,
        tx: &Tx,
        after: &str,
        room: u64,
        looked: &mut Looked,
    ) -> Result<Page> {
        let reports = store::reports::list(tx, &unanswered("", Some(after)), room).await?;
        let due = reports.iter().filter_map(|it| self.year.of_report(it));
        looked.flags.extend(self.unknown(tx, due.collect()).await?);
        Ok(Page::of(&reports, room, |it| it.id.to_string()))
    }

    async fn look_at_missed(
        &self,
        tx: &Tx,
        after: &str,
        room: u64,
        looked: &mut Looked,
    ) -> Result<Page> {
        let missed = store::deadlines::unsettled(tx, after, room).await?;
        let page = Page::of(&missed, room, |it| it.episode.clone());
        looked.done = self.done(tx, missed).await?;
        Ok(page)
    }

    /// Writes what became of cases, in nobody's name; answers which.
    async fn move_cases(
        &self,
        tx: &Tx,
        action: &'static str,
        changes: Vec<Change>,
    ) -> Result<Vec<String>> {
        let moved: Vec<String> = changes.iter().map(|it| it.after.name()).collect();
        if moved.is_empty() {
            return Ok(moved);
        }
        let tenant = tx.tenant()?;
        let writer = Writer {
            tx,
            caller: &service(tenant),
            now: self.clock.now(),
            year: self.year,
            action,
            operation: self.operation,
        };
        let entry = audit::Entry::new(action, county_name(tenant));
        let on = json!({ "on": dates::format(self.on) });
        writer.write_all(entry, on, changes, Vec::new()).await?;
        Ok(moved)
    }

    /// Records what the run did in a county, in nobody's name.
    async fn record(&self, tx: &Tx, action: &'static str, after: serde_json::Value) -> Result<()> {
        let tenant = tx.tenant()?;
        let entry = audit::Entry::new(action, county_name(tenant))
            .after(&after)
            .reason(dates::format(self.on));
        audit::record(tx, &service(tenant), self.clock.now(), entry).await
    }
}

/// A page that was looked at.
struct Page {
    count: u64,
    /// After what the next one begins; none if there is none.
    more_after: Option<String>,
}

impl Page {
    fn of<T>(rows: &[T], room: u64, key: impl FnOnce(&T) -> String) -> Self {
        Self {
            count: u64::try_from(rows.len()).unwrap_or(u64::MAX),
            more_after: yuhui_platform::operations::next_after(rows, room, key),
        }
    }
}

/// The run acts in nobody's name.
fn service(tenant: Tenant) -> Caller {
    Caller::service(NAME, Some(tenant))
}

pub(crate) fn county_name(tenant: Tenant) -> String {
    format!("counties/{}", tenant.as_str())
}
