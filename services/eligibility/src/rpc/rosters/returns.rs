//! RosterReturnService: a recorded roster is returned by two hands (F18, DYN-6).

use tonic::{Request, Response, Status};
use yuhui_platform::{
    Result,
    caller::{self, Caller},
    idempotency::Key,
    refusal,
};
use yuhui_proto::eligibility::v1::{self as pb, roster_return_service_server::RosterReturnService};

use super::{RosterAct, city::take_back, in_state, name};
use crate::{
    desk::Desk,
    domain::{
        State,
        roster::{ReturnProposal, RosterState},
    },
    refusal::recording::NotRecorded,
    rpc::text,
    separation::{hand, not_the_maker},
    store::{self, cases::Stored},
};

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
    let defects = text::needed("defects", &ask.defects)?;
    let (tenant, id) = name(caller, &ask.name)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let tx = desk.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let mut roster = in_state(&tx, &ask.name, id, &[RosterState::Recorded]).await?;
    not_funded(&ask.name, &store::cases::on_roster(&tx, id).await?)?;
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
    let mut roster = in_state(&tx, &ask.name, id, &[RosterState::Recorded]).await?;
    if !ask.etag.is_empty() && ask.etag != roster.etag() {
        return Err(refusal::aborted().into());
    }
    let Some(proposal) = roster.return_proposal.take() else {
        return Err(NotRecorded::NoReturnProposed { roster: ask.name }.into());
    };
    not_the_maker(caller, &proposal.by)?;
    let cases = store::cases::on_roster(&tx, id).await?;
    not_funded(&ask.name, &cases)?;
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
fn not_funded(roster: &str, cases: &[Stored]) -> Result<(), NotRecorded> {
    let ended = [State::Terminated, State::Withdrawn, State::Closed];
    let moved_on = cases.iter().map(|it| &it.case).find(|case| {
        let stage = case.stage();
        stage != State::Recorded && !(ended.contains(&stage) && case.paid_on.is_none())
    });
    moved_on.map_or(Ok(()), |case| {
        Err(NotRecorded::Funded {
            roster: roster.into(),
            case: case.name(),
        })
    })
}
