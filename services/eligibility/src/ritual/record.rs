//! Writes acts down, whole or not at all: cases, transitions, evidence, index, the audit chain,
//! and last the events, so that they leave in the order of the chain.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;
use yuhui_kernel::DivisionLevel;
use yuhui_platform::{Result, act::OpenAct, audit, caller::Caller, db::Tx, outbox, refusal};
use yuhui_policy::Programme;
use yuhui_proto::{
    authz::v1::Power,
    internal::v1::{Event, HoldChanged, event::Payload},
};

use crate::{
    domain::{Case, State, deadline::Year},
    evaluation::Verdict,
    events::outgoing::event,
    names::DISBURSEMENT,
    refusal::Refused,
    separation::hand,
    store::{self, evidence, rosters::Sealing, transitions::Taken},
};

/// What an act does to one case.
pub(crate) struct Change {
    /// The case as it was; a new one has revision 0.
    pub(crate) before: Case,
    /// The case as it shall be.
    pub(crate) after: Case,
    /// Personal data, if they were sealed anew.
    pub(crate) sealed: Option<Vec<u8>>,
    /// What the rules said, if they were run.
    pub(crate) verdict: Option<Verdict>,
    /// Why.
    pub(crate) reason: String,
}

/// An event and where it goes.
pub(crate) type OutgoingEvent = (&'static str, Event);

/// Writes what one act does to cases: who, when, what.
pub(crate) struct Writer<'a> {
    pub(crate) tx: &'a Tx,
    pub(crate) caller: &'a Caller,
    pub(crate) now: OffsetDateTime,
    /// Deadlines of the offices whose turn it is from then on.
    pub(crate) year: Year<'a>,
    /// E.g. `case.confirm`.
    pub(crate) action: &'a str,
    /// The operation that it is a slice of; empty if it is an act of its own.
    pub(crate) operation: &'a str,
}

impl Change {
    /// A change to come of a case as it is.
    pub(crate) fn of(case: Case) -> Self {
        Self {
            before: case.clone(),
            after: case,
            sealed: None,
            verdict: None,
            reason: String::new(),
        }
    }
}

impl<'a> Writer<'a> {
    /// What an act that is not on one case does to cases.
    pub(crate) fn within(act: &'a OpenAct<'_>, year: Year<'a>, action: &'a str) -> Self {
        Self {
            tx: &act.tx,
            caller: act.caller,
            now: act.clock.now(),
            year,
            action,
            operation: "",
        }
    }

    /// Writes the change of one case.
    pub(crate) async fn write_one(
        self,
        mut change: Change,
        mut events: Vec<OutgoingEvent>,
    ) -> Result<Case> {
        let entry = audit::Entry::new(self.action, change.before.name()).reason(&*change.reason);
        let entry = match change.before.revision {
            0 => entry,
            _ => entry.before(&snapshot(&change.before)),
        };
        self.is_free(std::slice::from_ref(&change)).await?;
        let kept_back = self.settle(&mut change);
        let sealed = change.sealed.take();
        if change.before.revision == 0 {
            let sealed = sealed.unwrap_or_default();
            store::cases::insert(self.tx, &self.year, &change.after, sealed).await?;
        } else {
            store::cases::update(self.tx, &self.year, &change.after, sealed).await?;
        }
        self.keep_grounds(std::slice::from_mut(&mut change)).await?;
        self.append(std::slice::from_ref(&change)).await?;
        let entry = entry.after(&snapshot(&change.after));
        events.extend(kept_back);
        self.finish(entry, events).await?;
        Ok(change.after)
    }

    /// Writes the changes of many cases by one act on `object`. The chain gets one entry, with
    /// what became of every case; each case gets its transition.
    pub(crate) async fn write_all(
        self,
        entry: audit::Entry,
        object: Value,
        changes: Vec<Change>,
        mut events: Vec<OutgoingEvent>,
    ) -> Result<()> {
        self.is_free(&changes).await?;
        self.hold(&changes).await?;
        let mut written = changes;
        for change in &mut written {
            events.extend(self.settle(change));
        }
        let (sealed, unsealed): (Vec<&Change>, Vec<&Change>) =
            written.iter().partition(|it| it.sealed.is_some());
        let unsealed: Vec<&Case> = unsealed.into_iter().map(|it| &it.after).collect();
        store::cases::update_all(self.tx, &self.year, &unsealed).await?;
        for change in sealed {
            let resealed = change.sealed.clone();
            store::cases::update(self.tx, &self.year, &change.after, resealed).await?;
        }
        self.keep_grounds(&mut written).await?;
        self.append(&written).await?;
        let steps: Vec<Value> = written.iter().map(step).collect();
        let entry = entry.after(&json!({ "object": object, "cases": steps }));
        self.finish(entry, events).await
    }

    /// While a roster is being sealed nothing changes that it takes, or has taken: nobody has been told of
    /// its lines yet.
    async fn is_free(&self, changes: &[Change]) -> Result<()> {
        let concerned = changes
            .iter()
            .filter(|it| is_rostered(&it.before) || is_rostered(&it.after));
        let programmes: BTreeSet<Programme> = concerned.map(|it| it.after.programme).collect();
        for programme in programmes {
            match store::rosters::hold_off_sealing(self.tx, programme).await? {
                Sealing::None => {}
                Sealing::Begins => return Err(refusal::aborted().into()),
                Sealing::Roster(roster) if roster.operation == self.operation => {}
                Sealing::Roster(roster) => return Err(Refused::busy(&roster).into()),
            }
        }
        Ok(())
    }

    /// Awards are deducted from one another (R-P4-3): rows first, then the claims on each institution,
    /// as a verdict taken in its transaction holds them. What else one act does to many cases changes
    /// no other claim, and PostgreSQL has no room for a lock on each line of a roster.
    async fn hold(&self, changes: &[Change]) -> Result<()> {
        let is_award = |it: &&Change| {
            let concerns_others = store::index::concerns_others(&it.before, &it.after);
            it.after.programme == Programme::P4 && concerns_others
        };
        let of_others: Vec<&Change> = changes.iter().filter(is_award).collect();
        let ids: Vec<Uuid> = of_others.iter().map(|it| it.before.id).collect();
        store::cases::lock_all(self.tx, ids).await?;
        let subjects = of_others.iter().map(|it| it.after.subject_ref.as_str());
        store::index::lock(self.tx, subjects.collect()).await
    }

    /// Settles what follows from a change: its revision, days, hands, and who must be told that the case is
    /// kept back.
    fn settle(&self, change: &mut Change) -> Option<OutgoingEvent> {
        let (before, case) = (&change.before, &mut change.after);
        case.revision = before.revision + 1;
        case.updated_at = self.now;
        case.note_days(before, self.now.date());
        if case.lodged_on.is_some() && self.is_of_an_office() {
            case.touched_by(&hand(self.caller));
        }
        let keep_back = case.must_be_kept_back();
        let hold_changed = (keep_back != case.is_kept_back).then(|| {
            let payload = HoldChanged {
                case: case.name(),
                held: keep_back,
            };
            (
                DISBURSEMENT,
                event(self.now.date(), Payload::HoldChanged(payload)),
            )
        });
        case.is_kept_back = keep_back;
        hold_changed
    }

    /// Writes what cases were decided from, and what other counties may know of them.
    async fn keep_grounds(&self, changes: &mut [Change]) -> Result<()> {
        let mut grounds = Vec::new();
        for change in &mut *changes {
            let known = change.before.outcome.as_ref();
            grounds.extend(change.verdict.take().map(|verdict| evidence::New {
                case: change.after.id,
                revision: change.after.revision,
                stored: verdict.evidence,
                known_facts: known.map(|it| it.facts_digest.as_str()),
            }));
        }
        if !grounds.is_empty() {
            evidence::append(self.tx, grounds).await?;
        }
        for change in changes {
            store::index::follow(self.tx, &change.before, &change.after).await?;
        }
        Ok(())
    }

    async fn append(&self, written: &[Change]) -> Result<()> {
        let taken = written.iter().map(|it| Taken {
            from: it.before.state(),
            case: &it.after,
            reason: &it.reason,
        });
        let taken = taken.collect();
        store::transitions::append(self.tx, self.caller, self.action, self.now, taken).await
    }

    async fn finish(&self, entry: audit::Entry, events: Vec<OutgoingEvent>) -> Result<()> {
        audit::record(self.tx, self.caller, self.now, entry).await?;
        for (destination, event) in events {
            outbox::publish(self.tx, destination, event)?;
        }
        Ok(())
    }

    /// Village, township or county: whose hands count for DYN-2.
    fn is_of_an_office(&self) -> bool {
        let level = self.caller.unit.map(|it| it.level());
        let county_or_below = level.is_some_and(|it| it >= DivisionLevel::County);
        self.caller.power() == Power::Eligibility && county_or_below
    }
}

/// Whether a roster that is being sealed takes the case, or may have.
pub(crate) fn is_rostered(case: &Case) -> bool {
    matches!(case.stage(), State::Confirmed | State::Rostered)
}

/// What the chain keeps of a case: no personal data.
fn snapshot(case: &Case) -> Value {
    let outcome = case.outcome.as_ref();
    json!({
        "state": case.state().as_str(),
        "revision": case.revision,
        "decision": outcome.map(|it| it.found.decision),
        "reason": outcome.and_then(|it| it.found.reason),
        "amount_fen": case.amount().fen(),
        "evidence": outcome.map(|it| &it.evidence_hash),
    })
}

/// The same for one of many: id, state before and after, amount.
fn step(change: &Change) -> Value {
    let (before, after) = (&change.before, &change.after);
    json!([
        after.id,
        before.state().as_str(),
        after.state().as_str(),
        after.amount().fen()
    ])
}
