//! What was paid to claimants whose fraud other claims have brought to light, and can be demanded back
//! (五(三)3, R-FRD-1 under `ALL_PAID`).

use yuhui_kernel::Tenant;
use yuhui_platform::{Result, caller::Caller, db::Tx, paging::Page};
use yuhui_policy::pack::RecoveryScope;
use yuhui_proto::eligibility::v1 as pb;

use crate::{
    context::Context,
    convert,
    domain::{Case, State},
    names,
    store::{
        self,
        cases::{Filter, Stored},
        index::IndexedFraud,
    },
};

/// By case. The finding's case is not named: it may be another county's (SOD-7).
pub(crate) async fn list(
    context: &Context,
    caller: &Caller,
    ask: pb::ListDueRecoveriesRequest,
) -> Result<pb::ListDueRecoveriesResponse> {
    let tenant = names::parse_parent(caller, &ask.parent)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = context.db.read(tenant).await?;
    let mut candidates = Vec::new();
    let findings = store::index::every_fraud(&tx).await?;
    for of_one in findings.chunk_by(|one, other| one.claimant_ref == other.claimant_ref) {
        let Some(first) = of_one.first() else {
            continue;
        };
        for Stored { case, .. } in paid_cases(&tx, &first.claimant_ref).await? {
            if let Some(finding) = elsewhere(&case, of_one) {
                candidates.push((case, finding.clone()));
            }
        }
    }
    drop(tx);
    let mut due = Vec::new();
    for (case, finding) in candidates {
        if recovers_everything(context, &case).await? {
            due.push((case.id.to_string(), shown(&case, &finding)));
        }
    }
    due.sort_by(|(one, _), (other, _)| one.cmp(other));
    due.retain(|(id, _)| page.after().is_none_or(|after| id.as_str() > after));
    let (due, next_page_token) = page.cut(due, |(id, _)| id.clone());
    Ok(pb::ListDueRecoveriesResponse {
        recoveries: due.into_iter().map(|(_, shown)| shown).collect(),
        next_page_token,
    })
}

/// The earliest finding on another claim of the claimant.
pub(crate) fn elsewhere<'a>(case: &Case, findings: &'a [IndexedFraud]) -> Option<&'a IndexedFraud> {
    let name = case.name();
    findings.iter().find(|it| it.case_id != name)
}

fn shown(case: &Case, finding: &IndexedFraud) -> pb::DueRecovery {
    let county = finding.case_id.split('/').nth(1);
    let county = county.and_then(|it| Tenant::parse(it).ok());
    pb::DueRecovery {
        case: case.name(),
        programme: convert::programme(case.programme).into(),
        round: case.round,
        paid_fen: case.rostered.map_or(0, |it| it.fen()),
        found_on: finding.found_on.clone(),
        finding_county: county.map_or("", |it| it.as_str()).into(),
        proposed: case.proposal.is_some(),
    }
}

/// Whether fraud on one claim takes back what was paid on this one (AMB-43).
pub(crate) async fn recovers_everything(context: &Context, case: &Case) -> Result<bool> {
    let pack = context.pack_of(case).await?;
    Ok(pack.parameters.fraud_recovery_scope == RecoveryScope::AllPaid)
}

/// Paid cases of a claimant in the county of the transaction.
pub(crate) async fn paid_cases(tx: &Tx, claimant: &str) -> Result<Vec<Stored>> {
    let filter = Filter {
        states: vec![State::Paid, State::Closed],
        claimant_ref: Some(claimant.into()),
        ..Filter::default()
    };
    let cases = store::cases::list(tx, &filter, None).await?;
    let cases = cases.into_iter();
    Ok(cases.filter(|it| it.case.is_paid()).collect())
}
