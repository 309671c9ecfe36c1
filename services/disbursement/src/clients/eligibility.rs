//! Eligibility: the lines of a roster, who is paid where, and which cases its check before payment has
//! cleared.

use std::collections::{BTreeSet, HashMap, HashSet};

use time::Date;
use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{
    Caller, Result,
    inbox::slices::SLICE,
    peers::{answered, referred},
};
use yuhui_proto::{
    eligibility::v1::{Payee, SealedRosterLine},
    internal::v1::{
        ListClearedCasesRequest, ListPayeesRequest, ListSealedRosterLinesRequest,
        clearance_service_client::ClearanceServiceClient,
        payout_service_client::PayoutServiceClient,
    },
};

use crate::{Deps, NAME, refusal::Refused};

/// Name of the service.
pub const ELIGIBILITY: &str = "eligibility";

/// Cases asked about together, as many as the contract allows.
const ASKED_TOGETHER: usize = 500;

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
    let mut payees = payees_of(deps, tenant, cases).await?;
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
pub async fn payees_of(
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

/// Cases that eligibility has cleared.
#[derive(Default)]
pub struct Cleared(HashSet<String>);

impl Cleared {
    /// Those of `cases` of the round that the check of that day or of a later one has cleared. Asked before
    /// a transaction is opened: nothing is locked while another service answers.
    pub async fn since(
        deps: &Deps,
        caller: &Caller,
        (tenant, round): (Tenant, i32),
        day: Date,
        cases: impl Iterator<Item = &str>,
    ) -> Result<Self> {
        let cases: BTreeSet<&str> = cases.collect();
        let cases: Vec<&str> = cases.into_iter().collect();
        let mut cleared = HashSet::new();
        for asked in cases.chunks(ASKED_TOGETHER) {
            let mut client = ClearanceServiceClient::new(deps.peers.call(ELIGIBILITY, caller)?);
            let ask = ListClearedCasesRequest {
                parent: format!("counties/{tenant}"),
                round,
                since_on: dates::format(day),
                cases: asked.iter().map(|it| (*it).to_owned()).collect(),
            };
            let answer = client.list_cleared_cases(ask).await;
            cleared.extend(answered(ELIGIBILITY, answer)?.cases);
        }
        Ok(Self(cleared))
    }

    /// Whether the case is cleared.
    pub fn covers(&self, case: &str) -> bool {
        self.0.contains(case)
    }
}
