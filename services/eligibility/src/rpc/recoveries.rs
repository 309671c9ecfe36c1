//! RecoveryService: what was paid to a claimant whose fraud another claim has brought to light
//! (五(三)3, R-FRD-1 under `ALL_PAID`). Fraud found in another county changes nothing here by
//! itself: two persons of this county decide.

use tonic::{Request, Response, Status};
use yuhui_kernel::Tenant;
use yuhui_platform::{
    Result,
    caller::{self, Caller},
    paging::Page,
};
use yuhui_policy::Reason;
use yuhui_proto::eligibility::v1::{self as pb, recovery_service_server::RecoveryService};

use super::{
    cases::{
        fraud::{is_paid, paid_cases, recover, recovers_everything},
        look, seat,
    },
    convert, text,
};
use crate::{
    desk::{self, Command, Desk},
    domain::{Case, ProposalKind, Step},
    evaluation::{Moment, Verdict},
    refusal::Refused,
    store::{self, cases::Stored, index::IndexedFraud},
};

/// The service.
pub(crate) struct Recoveries(pub(crate) Desk);

#[tonic::async_trait]
impl RecoveryService for Recoveries {
    async fn list_due_recoveries(
        &self,
        request: Request<pb::ListDueRecoveriesRequest>,
    ) -> Result<Response<pb::ListDueRecoveriesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(list(&self.0, &caller, &ask).await?))
    }

    async fn propose_recovery(
        &self,
        request: Request<pb::ProposeRecoveryRequest>,
    ) -> Result<Response<pb::ProposeRecoveryResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let case = Some(propose(&self.0, &caller, ask).await?);
        Ok(Response::new(pb::ProposeRecoveryResponse { case }))
    }

    async fn approve_recovery(
        &self,
        request: Request<pb::ApproveRecoveryRequest>,
    ) -> Result<Response<pb::ApproveRecoveryResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let case = Some(approve(&self.0, &caller, ask).await?);
        Ok(Response::new(pb::ApproveRecoveryResponse { case }))
    }
}

/// By case. The finding's case is not named: it may be another county's (SOD-7).
async fn list(
    desk: &Desk,
    caller: &Caller,
    ask: &pb::ListDueRecoveriesRequest,
) -> Result<pb::ListDueRecoveriesResponse> {
    let tenant = desk::parse_parent(caller, &ask.parent)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = desk.db.read(tenant).await?;
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
        if recovers_everything(desk, &case).await? {
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
fn elsewhere<'a>(case: &Case, findings: &'a [IndexedFraud]) -> Option<&'a IndexedFraud> {
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

/// County maker, after a hearing.
async fn propose(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ProposeRecoveryRequest,
) -> Result<pb::Case> {
    let note = text::needed("note", &ask.note)?;
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let looked = look!(desk, command, Step::Recover);
    let verdict = judge_due(desk, caller, &looked).await?;
    let mut sitting = seat!(desk, command, looked);
    sitting.allows(Step::Recover)?;
    let outcome = sitting.attach(verdict).await?;
    let reason = Some(Reason::FraudCancelled);
    sitting.propose(ProposalKind::Recovery, reason, &note, Some(outcome))?;
    sitting.finish("case.propose_recovery", note).await
}

/// County checker, never who proposed it (DYN-1).
async fn approve(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ApproveRecoveryRequest,
) -> Result<pb::Case> {
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let looked = look!(desk, command, Step::Recover);
    let verdict = judge_due(desk, caller, &looked).await?;
    let mut sitting = seat!(desk, command, looked);
    let proposal = sitting.approve(ProposalKind::Recovery)?;
    sitting.adopt(verdict).await?;
    recover(&mut sitting, Reason::FraudCancelled, &proposal.note)?;
    sitting.finish("case.recover", proposal.note).await
}

/// Runs the rules on a paid case, which must be one to be recovered. What the registers have learned
/// since takes nothing from that: it is recovered for the fraud, not for them.
async fn judge_due(desk: &Desk, caller: &Caller, stored: &Stored) -> Result<Verdict> {
    let case = &stored.case;
    let moment = Moment {
        confirmed_on: case.confirmed_on,
        paid_on: case.paid_on,
        paid: case.paid_on.is_some(),
        fraud_on: None,
    };
    let verdict = desk.judge(caller, stored, moment).await?;
    let tx = desk.db.read(case.tenant).await?;
    let findings = store::index::frauds(&tx, &verdict.all_numbers_of(&case.claimant_ref)).await?;
    drop(tx);
    let due = is_paid(case)
        && elsewhere(case, &findings).is_some()
        && recovers_everything(desk, case).await?;
    if due {
        return Ok(verdict);
    }
    Err(Refused::rules_disagree(&case.name(), &verdict.outcome).into())
}
