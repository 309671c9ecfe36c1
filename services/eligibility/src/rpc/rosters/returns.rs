//! A sealed or recorded roster is returned by two hands (F18, DYN-6): RosterReturnService, and
//! RosterService.ReturnRoster for the first of them.

use tonic::{Request, Response, Status};
use yuhui_platform::{
    Result,
    caller::{self, Caller},
    idempotency::Key,
    refusal,
};
use yuhui_proto::eligibility::v1::{self as pb, roster_return_service_server::RosterReturnService};

use super::{RosterAct, city::take_back, find, in_state, name};
use crate::{
    desk::Desk,
    domain::{
        State,
        roster::{ReturnProposal, Roster, RosterState},
    },
    refusal::recording::NotRecorded,
    rpc::text,
    separation::{hand, not_the_maker},
    store::{self, cases::Stored},
};

/// What can be returned.
const RETURNED_FROM: [RosterState; 3] = [
    RosterState::Recorded,
    RosterState::Sealed,
    RosterState::Checked,
];

/// The service.
pub(crate) struct RosterReturns(pub(crate) Desk);

#[tonic::async_trait]
impl RosterReturnService for RosterReturns {
    async fn propose_roster_return(
        &self,
        request: Request<pb::ProposeRosterReturnRequest>,
    ) -> Result<Response<pb::ProposeRosterReturnResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let roster = Some(propose(&self.0, &caller, ask).await?);
        Ok(Response::new(pb::ProposeRosterReturnResponse { roster }))
    }

    async fn approve_roster_return(
        &self,
        request: Request<pb::ApproveRosterReturnRequest>,
    ) -> Result<Response<pb::ApproveRosterReturnResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let roster = Some(approve(&self.0, &caller, ask).await?);
        Ok(Response::new(pb::ApproveRosterReturnResponse { roster }))
    }
}

async fn propose(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ProposeRosterReturnRequest,
) -> Result<pb::Roster> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    wanted_back(desk, caller, key, (&ask.name, &ask.defects), &RETURNED_FROM).await
}

/// Formal defects of a roster that is not recorded yet.
pub(super) async fn give_back(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ReturnRosterRequest,
) -> Result<pb::Roster> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let states = [RosterState::Sealed, RosterState::Checked];
    wanted_back(desk, caller, key, (&ask.name, &ask.defects), &states).await
}

/// City registrar: the first hand.
async fn wanted_back(
    desk: &Desk,
    caller: &Caller,
    key: Key,
    (full, defects): (&str, &str),
    states: &[RosterState],
) -> Result<pb::Roster> {
    let defects = text::needed("defects", defects)?;
    let (tenant, id) = name(caller, full)?;
    let tx = desk.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let mut roster = in_state(&tx, full, id, states).await?;
    not_funded(&roster, &store::cases::on_roster(&tx, id).await?)?;
    roster.return_proposal = Some(ReturnProposal {
        by: hand(caller),
        defects: defects.clone(),
    });
    roster.revision += 1;
    store::rosters::update(&tx, &roster).await?;
    let act = RosterAct {
        desk,
        caller,
        tx,
        key,
    };
    let told = ("roster.propose_return", "", &*defects);
    act.finish(&roster, told, Vec::new(), Vec::new()).await
}

/// City approver: the second hand.
async fn approve(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ApproveRosterReturnRequest,
) -> Result<pb::Roster> {
    let (tenant, id) = name(caller, &ask.name)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let tx = desk.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let round = find(&tx, &ask.name, id).await?.round;
    store::rosters::lock_round(&tx, round).await?;
    let mut roster = in_state(&tx, &ask.name, id, &RETURNED_FROM).await?;
    if !ask.etag.is_empty() && ask.etag != roster.etag() {
        return Err(refusal::aborted().into());
    }
    let Some(proposal) = roster.return_proposal.take() else {
        return Err(NotRecorded::NoReturnProposed { roster: ask.name }.into());
    };
    not_the_maker(caller, &proposal.by)?;
    let cases = store::cases::on_roster(&tx, id).await?;
    not_funded(&roster, &cases)?;
    let act = RosterAct {
        desk,
        caller,
        tx,
        key,
    };
    take_back(act, roster, cases, &proposal.defects).await
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
