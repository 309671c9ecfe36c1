//! Rosters: built and sealed by the county, recorded and returned by the city (F16–F18). Each of these
//! acts goes through the cases of the roster slice by slice, as an operation.

pub(crate) mod build;
mod confirmed;
mod printed;
pub(crate) mod propose_recording;
pub(crate) mod propose_return;
pub(crate) mod record;
pub(crate) mod seal;
pub(crate) mod take_back;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;
use yuhui_kernel::Tenant;
use yuhui_platform::{
    Error, Result, audit,
    caller::Caller,
    db::Tx,
    idempotency::Key,
    operations::{At, Next, Slice, Work, next_after},
    refusal::{self, not_found},
    unless_answered,
};
use yuhui_proto::{eligibility::v1 as pb, operations::v1::Operation};

use crate::{
    context::Context,
    convert,
    domain::{
        Case, NotAllowed,
        roster::{self, Roster},
    },
    gate::{self, roster::RosterDeed},
    reads::rosters::find,
    ritual::{Change, OutgoingEvent, Writer},
    store::{self, cases::Stored},
};

/// What is asked for of a roster that is there.
#[derive(Serialize, Deserialize)]
pub(crate) struct Asked {
    /// Its resource name.
    name: String,
    id: Uuid,
    /// Remark, defects: whatever is written down with it.
    words: String,
    /// What an approver has seen of it; empty where nothing is approved.
    #[serde(default)]
    etag: String,
}

impl Asked {
    /// Nobody approves what has changed since he saw it.
    fn is_seen(&self, roster: &Roster) -> Result<()> {
        match self.etag.as_str() {
            "" => Ok(()),
            etag => Ok(refusal::seen(etag, &roster.etag())?),
        }
    }
}

/// Which roster, of whom, by whom.
type Whose<'a> = (&'a Caller, Tenant, Uuid);

/// Begins the work of an act on a roster, and answers with how both stand after the first slice.
async fn begin<W, Answer>(
    context: &Context,
    work: W,
    (caller, tenant, id): Whose<'_>,
    (key, ask): (Key, W::Ask),
    answer: impl FnOnce(Option<pb::Roster>, Option<Operation>) -> Answer,
) -> Result<Answer>
where
    W: Work,
    Answer: prost::Message + Default,
{
    let name = roster::name(tenant, id);
    let operations = &context.operations;
    let begun = operations.begin(&work, (caller, tenant), key, ask, name.clone());
    let begun = unless_answered!(begun);
    let roster = find(&begun.act.tx, &name, id).await?;
    let answer = answer(
        Some(convert::roster(&roster)),
        Some(begun.operation.clone()),
    );
    begun.finish(answer).await
}

/// The roster, locked.
pub(super) async fn locked(tx: &Tx, name: &str, id: Uuid) -> Result<Roster> {
    let roster = store::rosters::locked(tx, id).await?;
    Ok(roster.ok_or_else(|| not_found(name))?)
}

/// The roster, locked, on which the caller may begin the act, and which is the one that he saw.
async fn begun(tx: &Tx, caller: &Caller, deed: RosterDeed, asked: &Asked) -> Result<Roster> {
    let roster = locked(tx, &asked.name, asked.id).await?;
    let sample = match deed {
        RosterDeed::ApproveRecording => store::samples::of(tx, roster.id).await?,
        _ => Vec::new(),
    };
    gate::roster::may(deed, caller, &roster, &sample)?;
    asked.is_seen(&roster)?;
    Ok(roster)
}

/// The roster on which this operation is at work.
async fn at_work(tx: &Tx, id: Uuid, operation: &str) -> Result<Roster> {
    let roster = store::rosters::get(tx, id).await?;
    let roster = roster.filter(|it| it.operation == operation);
    roster.ok_or_else(|| Error::fault(format!("{operation} is not at work there")))
}

/// Writes the roster, as work on it begins or ends. It is locked from here on.
async fn set_operation(
    (context, tx): (&Context, &Tx),
    roster: &mut Roster,
    operation: &str,
) -> Result<()> {
    roster.operation = operation.into();
    roster.revision += 1;
    store::rosters::update(tx, &context.law().year(), roster).await
}

/// How the first part of a roster's work, which changes no case, goes on: further, unless it is asked
/// to end, or finds what stands against it.
async fn look_on<Place>(
    on: (&Context, &Tx),
    roster: &mut Roster,
    (is_first, operation): (bool, &str),
    next: Next<Place>,
) -> Result<Slice<Place>> {
    match &next {
        Next::More(_) if is_first => set_operation(on, roster, operation).await?,
        Next::Failed(_) | Next::Cancelled => set_operation(on, roster, "").await?,
        Next::More(_) | Next::Done => {}
    }
    Ok(next.into())
}

/// A page of the cases on a roster, by id.
async fn page(
    tx: &Tx,
    roster: Uuid,
    after: Option<Uuid>,
    slice: u64,
) -> Result<(Vec<Stored>, Option<Uuid>)> {
    let after = after.map_or_else(String::new, |it| it.to_string());
    let cases = store::cases::on_roster_after(tx, roster, &after, slice).await?;
    let more = next_after(&cases, slice, |it| it.case.id);
    Ok((cases, more))
}

/// The same for every case of a slice, also for those that are away from their stage; what was stopped
/// for good meanwhile stays stopped.
fn moved(
    cases: Vec<Stored>,
    reason: &str,
    happens: impl Fn(&mut Case) -> Result<(), NotAllowed>,
) -> Vec<Change> {
    let changes = cases.into_iter().map(|it| Change::of(it.case));
    let fitting = changes.filter_map(|mut change| {
        happens(&mut change.after).ok()?;
        change.reason = reason.into();
        Some(change)
    });
    fitting.collect()
}

/// Writes on record what a slice does to a roster, and to cases of it.
async fn write<W: Work>(
    (context, at, tx): (&Context, &At<'_, W>, &Tx),
    roster: &Roster,
    (action, case_action, reason): (&str, &str, &str),
    changes: Vec<Change>,
    events: Vec<OutgoingEvent>,
) -> Result<()> {
    let entry = audit::Entry::new(action, roster.name()).reason(reason);
    let law = context.law();
    let writer = Writer {
        tx,
        caller: at.caller,
        now: context.clock.now(),
        year: law.year(),
        action: case_action,
        operation: at.operation,
    };
    writer
        .write_all(entry, snapshot(roster), changes, events)
        .await
}

fn snapshot(roster: &Roster) -> Value {
    json!({
        "state": roster.state,
        "lines": roster.line_count,
        "total_fen": roster.total.fen(),
        "hash": roster.hash,
    })
}

/// How many, as operations count.
fn count<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).unwrap_or(i64::MAX)
}
