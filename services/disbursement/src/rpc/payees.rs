//! What events refer to, asked of eligibility: the lines of a roster, and who is paid where.

use std::collections::HashMap;

use yuhui_kernel::Tenant;
use yuhui_platform::{Caller, Result, peers::referred};
use yuhui_proto::eligibility::v1::{
    ListPayeesRequest, ListSealedRosterLinesRequest, Payee, SealedRosterLine,
    payout_service_client::PayoutServiceClient,
};

use super::clearance::ELIGIBILITY;
use crate::{Deps, NAME, refusal::Refused};

/// Lines asked for together.
const SLICE: i32 = 500;

/// A slice of a sealed roster: its lines, with who is paid for each.
#[derive(Default)]
pub struct Slice {
    /// Lines and payees.
    pub lines: Vec<(SealedRosterLine, Payee)>,
    /// Where the next slice begins; empty after the last.
    pub next: String,
}

/// The slice of `roster` that begins at `token`.
pub async fn slice(deps: &Deps, tenant: Tenant, roster: &str, token: String) -> Result<Slice> {
    let caller = Caller::service(NAME, Some(tenant));
    let mut client = PayoutServiceClient::new(deps.peers.call(ELIGIBILITY, &caller)?);
    let ask = ListSealedRosterLinesRequest {
        parent: roster.to_owned(),
        page_size: SLICE,
        page_token: token,
    };
    let page = referred(ELIGIBILITY, client.list_sealed_roster_lines(ask).await)?;
    let cases: Vec<String> = page.lines.iter().map(|it| it.case.clone()).collect();
    let mut payees = of_cases(deps, tenant, cases).await?;
    let mut lines = Vec::with_capacity(page.lines.len());
    for line in page.lines {
        let payee = payees.remove(&line.case);
        let payee = payee.ok_or(Refused::BadEvent("a payee twice for one case"))?;
        lines.push((line, payee));
    }
    Ok(Slice {
        lines,
        next: page.next_page_token,
    })
}

/// Who is paid for those cases, by case.
pub async fn of_cases(
    deps: &Deps,
    tenant: Tenant,
    cases: Vec<String>,
) -> Result<HashMap<String, Payee>> {
    if cases.is_empty() {
        return Ok(HashMap::new());
    }
    let caller = Caller::service(NAME, Some(tenant));
    let mut client = PayoutServiceClient::new(deps.peers.call(ELIGIBILITY, &caller)?);
    let ask = ListPayeesRequest {
        parent: format!("counties/{tenant}"),
        cases,
    };
    let answer = referred(ELIGIBILITY, client.list_payees(ask).await)?;
    let payees = answer.payees.into_iter();
    Ok(payees.map(|it| (it.case.clone(), it)).collect())
}
