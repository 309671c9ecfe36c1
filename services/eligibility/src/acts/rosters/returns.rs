//! A sealed or recorded roster is returned by two hands: F18, DYN-6.

use yuhui_platform::{Result, caller::Caller, idempotency::Key, refusal, unless_answered};
use yuhui_proto::eligibility::v1 as pb;

use super::{city::take_back, finish, in_state};
use crate::{
    context::Context,
    convert::text,
    domain::{
        State,
        roster::{ReturnProposal, Roster, RosterState},
    },
    names,
    reads::rosters::find,
    refusal::recording::NotRecorded,
    separation::{hand, not_the_maker},
    store::{self, cases::Stored},
};

/// What can be returned.
const RETURNED_FROM: [RosterState; 3] = [
    RosterState::Recorded,
    RosterState::Sealed,
    RosterState::Checked,
];

pub(crate) async fn propose(
    context: &Context,
    caller: &Caller,
    ask: pb::ProposeRosterReturnRequest,
) -> Result<pb::Roster> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    wanted_back(
        context,
        caller,
        key,
        (&ask.name, &ask.defects),
        &RETURNED_FROM,
    )
    .await
}

/// Formal defects of a roster that is not recorded yet.
pub(crate) async fn give_back(
    context: &Context,
    caller: &Caller,
    ask: pb::ReturnRosterRequest,
) -> Result<pb::Roster> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let states = [RosterState::Sealed, RosterState::Checked];
    wanted_back(context, caller, key, (&ask.name, &ask.defects), &states).await
}

/// City registrar: the first hand.
async fn wanted_back(
    context: &Context,
    caller: &Caller,
    key: Key,
    (full, defects): (&str, &str),
    states: &[RosterState],
) -> Result<pb::Roster> {
    let defects = text::needed("defects", defects)?;
    let (tenant, id) = names::parse_own(caller, full, "rosters")?;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    let tx = &act.tx;
    let mut roster = in_state(tx, full, id, states).await?;
    not_funded(&roster, &store::cases::on_roster(tx, id).await?)?;
    roster.return_proposal = Some(ReturnProposal {
        by: hand(caller),
        defects: defects.clone(),
    });
    roster.revision += 1;
    store::rosters::update(tx, &roster).await?;
    let told = ("roster.propose_return", "", &*defects);
    finish(act, &roster, told, Vec::new(), Vec::new()).await
}

/// City approver: the second hand.
pub(crate) async fn approve(
    context: &Context,
    caller: &Caller,
    ask: pb::ApproveRosterReturnRequest,
) -> Result<pb::Roster> {
    let (tenant, id) = names::parse_own(caller, &ask.name, "rosters")?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    let tx = &act.tx;
    let round = find(tx, &ask.name, id).await?.round;
    store::rosters::lock_round(tx, round).await?;
    let mut roster = in_state(tx, &ask.name, id, &RETURNED_FROM).await?;
    if !ask.etag.is_empty() && ask.etag != roster.etag() {
        return Err(refusal::aborted().into());
    }
    let Some(proposal) = roster.return_proposal.take() else {
        return Err(NotRecorded::NoReturnProposed { roster: ask.name }.into());
    };
    not_the_maker(caller, &proposal.by)?;
    let cases = store::cases::on_roster(tx, id).await?;
    not_funded(&roster, &cases)?;
    take_back(context, act, roster, cases, &proposal.defects).await
}

/// Once both shares have arrived the money of every line is there to be paid: what is wrong is
/// stopped case by case.
fn not_funded(roster: &Roster, cases: &[Stored]) -> Result<(), NotRecorded> {
    let on_it = match roster.state {
        RosterState::Recorded => State::Recorded,
        _ => State::Rostered,
    };
    let ended = [State::Terminated, State::Withdrawn, State::Closed];
    let moved_on = cases.iter().map(|it| &it.case).find(|case| {
        let stage = case.stage();
        stage != on_it && !(ended.contains(&stage) && case.paid_on.is_none())
    });
    moved_on.map_or(Ok(()), |case| {
        Err(NotRecorded::Funded {
            roster: roster.name(),
            case: case.name(),
        })
    })
}
