//! RosterService: build and seal by the county, record and return by the city (F16–F18).

mod city;
mod county;
pub(crate) mod returns;

use serde_json::{Value, json};
use tonic::{Request, Response, Status};
use uuid::Uuid;
use yuhui_kernel::Tenant;
use yuhui_platform::{
    Result, audit,
    caller::{self, Caller},
    db::Tx,
    idempotency::Key,
    paging::Page,
    refusal::not_found,
};
use yuhui_proto::eligibility::v1::{self as pb, roster_service_server::RosterService};

use super::convert;
use crate::{
    desk::{self, Desk},
    domain::{
        case,
        roster::{Roster, RosterState},
    },
    record::{Act, Change, Letter},
    refusal::Refused,
    store,
};

/// The service.
pub(crate) struct Rosters(pub(crate) Desk);

#[tonic::async_trait]
impl RosterService for Rosters {
    async fn build_roster(
        &self,
        request: Request<pb::BuildRosterRequest>,
    ) -> Result<Response<pb::BuildRosterResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let roster = Some(county::build(&self.0, &caller, ask).await?);
        Ok(Response::new(pb::BuildRosterResponse { roster }))
    }

    async fn seal_roster(
        &self,
        request: Request<pb::SealRosterRequest>,
    ) -> Result<Response<pb::SealRosterResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let roster = Some(county::seal(&self.0, &caller, ask).await?);
        Ok(Response::new(pb::SealRosterResponse { roster }))
    }

    async fn get_roster(
        &self,
        request: Request<pb::GetRosterRequest>,
    ) -> Result<Response<pb::GetRosterResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let (tenant, id) = name(&caller, &ask.name)?;
        let tx = self.0.db.read(tenant).await.map_err(Status::from)?;
        let roster = Some(convert::roster(&find(&tx, &ask.name, id).await?));
        Ok(Response::new(pb::GetRosterResponse { roster }))
    }

    async fn list_rosters(
        &self,
        request: Request<pb::ListRostersRequest>,
    ) -> Result<Response<pb::ListRostersResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(list(&self.0, &caller, &ask).await?))
    }

    async fn list_roster_lines(
        &self,
        request: Request<pb::ListRosterLinesRequest>,
    ) -> Result<Response<pb::ListRosterLinesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(lines(&self.0, &caller, &ask).await?))
    }

    async fn propose_recording(
        &self,
        request: Request<pb::ProposeRecordingRequest>,
    ) -> Result<Response<pb::ProposeRecordingResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let roster = Some(city::propose(&self.0, &caller, ask).await?);
        Ok(Response::new(pb::ProposeRecordingResponse { roster }))
    }

    async fn approve_recording(
        &self,
        request: Request<pb::ApproveRecordingRequest>,
    ) -> Result<Response<pb::ApproveRecordingResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let roster = Some(city::approve(&self.0, &caller, ask).await?);
        Ok(Response::new(pb::ApproveRecordingResponse { roster }))
    }

    async fn return_roster(
        &self,
        request: Request<pb::ReturnRosterRequest>,
    ) -> Result<Response<pb::ReturnRosterResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let roster = Some(returns::give_back(&self.0, &caller, ask).await?);
        Ok(Response::new(pb::ReturnRosterResponse { roster }))
    }
}

/// `counties/{county}/rosters/{roster}` taken apart, within the caller's reach.
pub(super) fn name(caller: &Caller, text: &str) -> Result<(Tenant, Uuid)> {
    let (tenant, id) = desk::parse_name(text, "rosters").ok_or_else(|| not_found(text))?;
    let tenant = caller.tenant_for(&tenant).map_err(|_| not_found(text))?;
    Ok((tenant, id))
}

/// The roster of that name.
pub(super) async fn find(tx: &Tx, name: &str, id: Uuid) -> Result<Roster> {
    let roster = store::rosters::get(tx, id).await?;
    roster.ok_or_else(|| not_found(name).into())
}

/// The roster, locked, in one of the states that the step needs.
pub(super) async fn in_state(
    tx: &Tx,
    name: &str,
    id: Uuid,
    states: &[RosterState],
) -> Result<Roster> {
    let roster = store::rosters::locked(tx, id).await?;
    let roster = roster.ok_or_else(|| not_found(name))?;
    if states.contains(&roster.state) {
        return Ok(roster);
    }
    let state = roster.state.as_str();
    let allowed = states.first().map_or("", |it| it.as_str());
    Err(Refused::RosterState {
        roster: name.into(),
        state,
        allowed,
    }
    .into())
}

/// An act on one roster.
struct RosterAct<'a> {
    desk: &'a Desk,
    caller: &'a Caller,
    tx: Tx,
    key: Key,
}

impl RosterAct<'_> {
    /// Writes the act on record with what it does to cases, and remembers the answer.
    async fn finish(
        self,
        roster: &Roster,
        (action, case_action, reason): (&str, &str, &str),
        changes: Vec<Change>,
        letters: Vec<Letter>,
    ) -> Result<pb::Roster> {
        let act = Act {
            tx: &self.tx,
            caller: self.caller,
            now: self.desk.clock.now(),
            action: case_action,
        };
        let entry = audit::Entry::new(action, roster.name()).reason(reason);
        act.write_all(entry, snapshot(roster), changes, letters)
            .await?;
        let answer = convert::roster(roster);
        self.key.remember(&self.tx, &answer).await?;
        self.tx.commit().await?;
        Ok(answer)
    }
}

fn snapshot(roster: &Roster) -> Value {
    json!({
        "state": roster.state,
        "lines": roster.line_count,
        "total_fen": roster.total.fen(),
        "hash": roster.hash,
    })
}

async fn list(
    desk: &Desk,
    caller: &Caller,
    ask: &pb::ListRostersRequest,
) -> Result<pb::ListRostersResponse> {
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = if ask.parent == "counties/-" {
        desk.db.read(caller.tenancy()).await?
    } else {
        desk.db
            .read(desk::parse_parent(caller, &ask.parent)?)
            .await?
    };
    let rows = store::rosters::list(&tx, ask.round, page.after(), page.limit()).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.id.to_string());
    let rosters = rows.iter().map(convert::roster).collect();
    Ok(pb::ListRostersResponse {
        rosters,
        next_page_token,
    })
}

async fn lines(
    desk: &Desk,
    caller: &Caller,
    ask: &pb::ListRosterLinesRequest,
) -> Result<pb::ListRosterLinesResponse> {
    let (tenant, id) = name(caller, &ask.parent)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let after = page.key(|it| it.parse().ok())?.unwrap_or(0);
    let tx = desk.db.read(tenant).await?;
    find(&tx, &ask.parent, id).await?;
    let rows = store::rosters::lines_with_payees(&tx, id, after, page.limit()).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.0.to_string());
    let lines = rows.into_iter().map(|(_, it, payee_name)| pb::RosterLine {
        case: case::name(tenant, it.case),
        receipt_number: it.receipt_number,
        payee_name,
        account_masked: it.account_masked,
        amount_fen: it.amount.fen(),
        grounds: it.grounds,
    });
    Ok(pb::ListRosterLinesResponse {
        lines: lines.collect(),
        next_page_token,
    })
}
