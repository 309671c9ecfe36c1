//! What events on rosters and accounts refer to: lines as they were sealed, payees as they stand.

use tonic::{Request, Response, Status};
use yuhui_platform::{
    Result,
    caller::{self, Caller},
    paging::Page,
    refusal::not_found,
};
use yuhui_proto::eligibility::v1::{self as pb, payout_service_server::PayoutService};

use super::rosters::{find, name};
use crate::{
    desk::{self, Desk},
    domain::case,
    store::{self, cases::Stored},
};

/// The service.
pub(crate) struct Payouts(pub(crate) Desk);

#[tonic::async_trait]
impl PayoutService for Payouts {
    async fn list_sealed_roster_lines(
        &self,
        request: Request<pb::ListSealedRosterLinesRequest>,
    ) -> Result<Response<pb::ListSealedRosterLinesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(lines(&self.0, &caller, &ask).await?))
    }

    async fn list_payees(
        &self,
        request: Request<pb::ListPayeesRequest>,
    ) -> Result<Response<pb::ListPayeesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(payees(&self.0, &caller, &ask).await?))
    }
}

/// A roster that is still being built has no lines that anybody may act on.
async fn lines(
    desk: &Desk,
    caller: &Caller,
    ask: &pb::ListSealedRosterLinesRequest,
) -> Result<pb::ListSealedRosterLinesResponse> {
    let (tenant, id) = name(caller, &ask.parent)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let after = page.key(|it| it.parse().ok())?.unwrap_or(0);
    let tx = desk.db.read(tenant).await?;
    if find(&tx, &ask.parent, id).await?.sealed_on.is_none() {
        return Err(not_found(&ask.parent).into());
    }
    let rows = store::rosters::lines(&tx, id, after, page.limit()).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.0.to_string());
    let lines = rows.into_iter().map(|(_, it)| pb::SealedRosterLine {
        case: case::name(tenant, it.case),
        amount_fen: it.amount.fen(),
    });
    Ok(pb::ListSealedRosterLinesResponse {
        lines: lines.collect(),
        next_page_token,
    })
}

async fn payees(
    desk: &Desk,
    caller: &Caller,
    ask: &pb::ListPayeesRequest,
) -> Result<pb::ListPayeesResponse> {
    let tenant = desk::parse_parent(caller, &ask.parent)?;
    let mut ids = Vec::with_capacity(ask.cases.len());
    for name in &ask.cases {
        let own = desk::parse_name(name, "cases").filter(|(county, _)| *county == tenant);
        let (_, id) = own.ok_or_else(|| not_found(name))?;
        ids.push(id);
    }
    let tx = desk.db.read(tenant).await?;
    let mut found = store::cases::named(&tx, &ids).await?;
    drop(tx);
    found.sort_by_key(|it| it.case.id);
    if let Some(missing) = ids
        .iter()
        .position(|id| found.binary_search_by_key(id, |it| it.case.id).is_err())
    {
        let name = ask.cases.get(missing).map_or("", String::as_str);
        return Err(not_found(name).into());
    }
    let payees = found.into_iter().map(|it| payee(desk, &it));
    Ok(pb::ListPayeesResponse {
        payees: payees.collect::<Result<_>>()?,
    })
}

fn payee(desk: &Desk, stored: &Stored) -> Result<pb::Payee> {
    let account = desk.open(stored)?.account;
    Ok(pb::Payee {
        case: stored.case.name(),
        payee_ref: stored.case.claimant_ref.clone(),
        payee_name: account.holder_name,
        account_number: account.number,
        bank_name: account.bank_name,
        corporate: account.corporate,
    })
}
