//! The county builds a roster (F16, maker): counts and sums what is confirmed. Building again replaces
//! what was not sealed.

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yuhui_kernel::Money;
use yuhui_platform::{
    Error, Result,
    caller::Caller,
    clock,
    db::Tx,
    idempotency::Key,
    operations::{At, Next, Slice, Work},
    refusal,
};
use yuhui_policy::Programme;
use yuhui_proto::eligibility::v1 as pb;

use super::{
    begin,
    confirmed::{Rounds, Today, confirmed},
    count, write,
};
use crate::{
    context::Context,
    convert,
    domain::{
        roster::{self, LinesHash, Roster, RosterLine, RosterState},
        summary::Summary,
    },
    gate::roster::not_at_work,
    names,
    refusal::{Refused, required},
    separation::hand,
    store,
};

pub(crate) async fn build(
    context: &Context,
    caller: &Caller,
    ask: pb::BuildRosterRequest,
) -> Result<pb::BuildRosterResponse> {
    let tenant = names::parse_parent(caller, &ask.parent)?;
    let programme = convert::domain_programme(ask.programme())
        .ok_or_else(|| refusal::invalid(vec![required("programme")]))?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let id = clock::fresh_id();
    let wanted = Wanted {
        parent: ask.parent,
        id,
        programme,
        round: ask.round,
    };
    let answer = |roster, operation| pb::BuildRosterResponse { roster, operation };
    begin(
        context,
        Build(context.clone()),
        (caller, tenant, id),
        (key, wanted),
        answer,
    )
    .await
}

/// The work of [`build`].
pub(crate) struct Build(pub(crate) Context);

#[derive(Serialize, Deserialize)]
pub(crate) struct Wanted {
    parent: String,
    id: Uuid,
    programme: Programme,
    round: i32,
}

/// What is counted so far.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Counted {
    rounds: Rounds,
    after: Option<Uuid>,
    lines: i32,
    total: Money,
    hash: Option<LinesHash>,
}

#[async_trait::async_trait]
impl Work for Build {
    type Ask = Wanted;
    type Place = Counted;
    type Ready = Today;
    const METHOD: &'static str = "BuildRoster";

    async fn prepare(&self, _: &At<'_, Self>) -> Result<Today> {
        Today::of(&self.0).await
    }

    async fn apply(&self, at: &At<'_, Self>, tx: &Tx, today: Today) -> Result<Slice<Counted>> {
        let Self(context) = self;
        let (ask, mut counted) = (at.ask, at.place.clone());
        let is_first = counted.after.is_none();
        let mut roster = if is_first {
            store::rosters::lock_round(tx, ask.round).await?;
            let open = today.must_be_open(context, tx, &ask.parent, ask.round);
            open.await?;
            let rounds = today.rounds(context, tx, ask.programme, ask.round);
            counted.rounds = rounds.await?;
            new_roster(at, &replace((context, tx), ask).await?)
        } else {
            match store::rosters::locked(tx, ask.id).await? {
                Some(roster) if roster.operation == at.operation => roster,
                // Somebody has begun to build it again.
                _ => return Ok(Next::Cancelled.into()),
            }
        };
        let page = (counted.after, at.slice);
        let (cases, more) = confirmed(tx, ask.programme, &counted.rounds, page).await?;
        let mut hash = counted
            .hash
            .take()
            .unwrap_or_else(|| LinesHash::of(&roster));
        for line in cases.iter().map(|it| RosterLine::of(&it.case)) {
            let too_large = || Error::fault("a roster too large to count");
            counted.lines = counted.lines.checked_add(1).ok_or_else(too_large)?;
            let total = counted.total.checked_add(line.amount);
            counted.total = total.ok_or_else(too_large)?;
            hash.add(&line);
        }
        roster.operation = at.operation.into();
        let next = match more {
            Some(after) if !at.is_cancelling => Next::More(Counted {
                after: Some(after),
                hash: Some(hash),
                ..counted
            }),
            _ => {
                roster.operation = String::new();
                (roster.line_count, roster.total) = (counted.lines, counted.total);
                roster.hash = hash.hex().into();
                match counted.lines {
                    _ if at.is_cancelling => Next::Cancelled,
                    0 => Next::Failed(
                        Refused::NothingThere {
                            parent: ask.parent.clone(),
                        }
                        .into(),
                    ),
                    _ => Next::Done,
                }
            }
        };
        if matches!(next, Next::Failed(_) | Next::Cancelled) {
            roster.state = RosterState::Superseded;
        }
        if is_first {
            store::rosters::insert(tx, &context.law().year(), &roster).await?;
        } else {
            roster.revision += 1;
            store::rosters::update(tx, &context.law().year(), &roster).await?;
        }
        if matches!(next, Next::Done) {
            let told = ("roster.build", "", "");
            write((context, at, tx), &roster, told, Vec::new(), Vec::new()).await?;
        }
        Ok(Slice {
            total: None,
            done: count(&cases),
            items: Vec::new(),
            next,
        })
    }
}

/// What was not sealed of the same programme and round falls; answers what there is. While one is sealed
/// or returned it is not known which number the next one has, nor what is confirmed.
async fn replace((context, tx): (&Context, &Tx), ask: &Wanted) -> Result<Vec<Roster>> {
    let mut known = store::rosters::of(tx, ask.programme, ask.round).await?;
    for earlier in &mut known {
        if earlier.state != RosterState::Building {
            not_at_work(earlier)?;
            continue;
        }
        earlier.state = RosterState::Superseded;
        earlier.operation = String::new();
        earlier.revision += 1;
        store::rosters::update(tx, &context.law().year(), earlier).await?;
    }
    Ok(known)
}

fn new_roster(at: &At<'_, Build>, known: &[Roster]) -> Roster {
    let (supplement, version) = roster::next_number(known);
    Roster {
        id: at.ask.id,
        tenant: at.tenant,
        revision: 1,
        programme: at.ask.programme,
        round: at.ask.round,
        supplement,
        version,
        state: RosterState::Building,
        line_count: 0,
        total: Money::ZERO,
        hash: String::new(),
        built_by: hand(at.caller),
        checked_by: None,
        checked_lines: String::new(),
        return_proposal: None,
        record_number: String::new(),
        sealed_on: None,
        recorded_on: None,
        operation: String::new(),
        summary: Summary::default(),
    }
}
