//! A city approver records a roster under a number, and the shares are owed (F17). He acts on the roster
//! only: what follows for the cases follows from that (SOD-7). First lines and cases are looked at: they
//! must be what the registrar checked.

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yuhui_platform::{
    Result,
    caller::Caller,
    db::Tx,
    idempotency::Key,
    operations::{At, Next, Slice, Work, next_after},
};
use yuhui_proto::{
    eligibility::v1 as pb,
    internal::v1::{RosterRecorded, event::Payload},
};

use super::{Asked, at_work, begin, begun, count, look_on, moved, page, set_operation, write};
use crate::{
    context::Context,
    domain::{
        Step,
        roster::{LinesHash, Roster, RosterState, Standing},
    },
    events::outgoing::event,
    gate::roster::RosterDeed,
    names::{self, LEDGER},
    refusal::recording::NotRecorded,
    store,
};

pub(crate) async fn approve(
    context: &Context,
    caller: &Caller,
    ask: pb::ApproveRecordingRequest,
) -> Result<pb::ApproveRecordingResponse> {
    let (tenant, id) = names::parse_own(caller, &ask.name, "rosters")?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let asked = Asked {
        name: ask.name,
        id,
        words: String::new(),
        etag: ask.etag,
    };
    let answer = |roster, operation| pb::ApproveRecordingResponse { roster, operation };
    let whose = (caller, tenant, id);
    begin(
        context,
        Record(context.clone()),
        whose,
        (key, asked),
        answer,
    )
    .await
}

/// The work of [`approve`].
pub(crate) struct Record(pub(crate) Context);

/// Where it stands.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) enum Place {
    /// Nothing is looked at yet.
    #[default]
    Start,
    /// Reading the lines as sealed, after this one.
    Lines(i64, LinesHash),
    /// Reading the cases, after this one.
    Cases(Option<Uuid>, Standing),
    /// Recording them.
    Moving(Option<Uuid>),
}

#[async_trait::async_trait]
impl Work for Record {
    type Ask = Asked;
    type Place = Place;
    type Ready = ();
    const METHOD: &'static str = "ApproveRecording";

    async fn prepare(&self, _: &At<'_, Self>) -> Result<()> {
        Ok(())
    }

    async fn apply(&self, at: &At<'_, Self>, tx: &Tx, (): ()) -> Result<Slice<Place>> {
        let is_first = matches!(at.place, Place::Start);
        let mut roster = match at.place {
            Place::Start => begun(tx, at.caller, RosterDeed::ApproveRecording, at.ask).await?,
            _ => at_work(tx, at.ask.id, at.operation).await?,
        };
        let after = match look(at, tx, &roster).await? {
            Next::More(Place::Moving(after)) => after,
            next => {
                return look_on((&self.0, tx), &mut roster, (is_first, at.operation), next).await;
            }
        };
        self.record(at, tx, roster, (after, is_first)).await
    }
}

/// What is recorded is what the registrar checked: the lines as sealed, none of them struck off since.
/// Goes on to the recording once that is seen.
async fn look(at: &At<'_, Record>, tx: &Tx, roster: &Roster) -> Result<Next<Place>> {
    if at.is_cancelling && !matches!(at.place, Place::Moving(_)) {
        return Ok(Next::Cancelled);
    }
    let changed = || {
        let roster = roster.name();
        Next::Failed(NotRecorded::ChangedSince { roster }.into())
    };
    let mut place = at.place.clone();
    loop {
        place = match place {
            Place::Start => Place::Lines(0, LinesHash::of(roster)),
            Place::Lines(after, mut hash) => {
                let lines = store::rosters::lines(tx, roster.id, after, at.slice).await?;
                lines.iter().for_each(|(_, line)| hash.add(line));
                match next_after(&lines, at.slice, |(sequence, _)| *sequence) {
                    Some(after) => return Ok(Next::More(Place::Lines(after, hash))),
                    None if hash.hex() != roster.hash => return Ok(changed()),
                    None => Place::Cases(None, Standing::default()),
                }
            }
            Place::Cases(after, mut standing) => {
                let (cases, more) = page(tx, roster.id, after, at.slice).await?;
                cases.iter().for_each(|it| standing.add(&it.case));
                match more {
                    Some(_) => return Ok(Next::More(Place::Cases(more, standing))),
                    None if standing.hex() != roster.checked_lines => return Ok(changed()),
                    None => Place::Moving(None),
                }
            }
            Place::Moving(_) => return Ok(Next::More(place)),
        };
    }
}

impl Record {
    async fn record(
        &self,
        at: &At<'_, Self>,
        tx: &Tx,
        mut roster: Roster,
        (after, is_first): (Option<Uuid>, bool),
    ) -> Result<Slice<Place>> {
        let Self(context) = self;
        let (cases, more) = page(tx, roster.id, after, at.slice).await?;
        let done = count(&cases);
        let number = record_number(&roster);
        let changes = moved(cases, &number, |case| case.happens(Step::Record));
        let mut events = Vec::new();
        let next = if more.is_some() {
            if is_first {
                set_operation((&self.0, tx), &mut roster, at.operation).await?;
            }
            Next::More(Place::Moving(more))
        } else {
            roster.state = RosterState::Recorded;
            roster.recorded_on = Some(context.today());
            roster.record_number = number;
            set_operation((&self.0, tx), &mut roster, "").await?;
            let payload = Payload::RosterRecorded(RosterRecorded {
                roster: roster.name(),
                round: roster.round,
                total_fen: roster.total.fen(),
                record_number: roster.record_number.clone(),
            });
            events.push((LEDGER, event(context.today(), payload)));
            Next::Done
        };
        let told = ("roster.record", "case.record", "");
        write((context, at, tx), &roster, told, changes, events).await?;
        Ok(Slice {
            total: Some(roster.line_count.into()),
            done,
            items: Vec::new(),
            next,
        })
    }
}

/// The number under which the city records it; what was recorded before and returned keeps its own.
fn record_number(roster: &Roster) -> String {
    let number = format!(
        "包卫备〔{}〕{}-{}-{}",
        roster.round,
        roster.tenant.as_str(),
        roster.programme.code(),
        roster.supplement
    );
    match roster.version {
        ..=1 => number,
        later => format!("{number}-{later}"),
    }
}
