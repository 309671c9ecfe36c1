//! Fraud established by an inquiry with a hearing: 六2, 五(三)3 (R-TER-3, R-FRD-1, R-FRD-2, F29).

use yuhui_kernel::Money;
use yuhui_platform::{Result, caller::Caller, outbox, refusal};
use yuhui_policy::Reason;
use yuhui_proto::{eligibility::v1 as pb, events::v1 as events};

use super::{rejection, seat, termination};
use crate::{
    desk::Desk,
    domain::{ProposalKind, State, Step},
    evaluation::Moment,
    refusal::required,
    rpc::events::{LEDGER, event},
    store,
};

/// County maker records what the inquiry established.
pub(super) async fn propose(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ProposeFraudFindingRequest,
) -> Result<pb::Case> {
    if ask.note.trim().is_empty() {
        return Err(refusal::invalid(vec![required("note")]).into());
    }
    let mut sitting = seat!(desk, caller, ask);
    sitting.step(Step::ProposeFraudFinding)?;
    sitting.propose(ProposalKind::FraudFinding, Reason::Fraud.code(), &ask.note)?;
    sitting
        .finish("case.propose_fraud_finding", &ask.note)
        .await
}

/// County checker approves: refused before confirmation, terminated before payment, recovered after
/// it. The finding stands against the claimant in every county from now on.
pub(super) async fn approve(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ApproveFraudFindingRequest,
) -> Result<pb::Case> {
    let looked = desk.look(caller, &ask.name).await?;
    let was_paid = matches!(looked.case.state, State::Paid | State::Closed);
    let moment = Moment {
        confirmed_on: looked.case.confirmed_on,
        paid_on: looked.case.paid_on,
        paid: was_paid,
        fraud_found: true,
    };
    let verdict = desk.judge(caller, &looked.case, moment).await?;
    let mut sitting = seat!(desk, caller, ask);
    let proposal = sitting.approve(ProposalKind::FraudFinding)?;
    sitting.step(Step::ProposeFraudFinding)?;
    let fraud = Reason::Fraud.code();
    let stage = sitting.case.resume.unwrap_or(sitting.case.state);
    if was_paid {
        let amount = verdict.outcome.clawback;
        sitting.adopt(verdict)?;
        sitting.step(Step::Recover)?;
        let payload = events::event::Payload::RecoveryDecided(events::RecoveryDecided {
            case: sitting.case.name(),
            round: sitting.case.round,
            amount_fen: amount.fen(),
        });
        if amount > Money::ZERO {
            outbox::publish(&sitting.tx, LEDGER, event(sitting.today(), payload)).await?;
        }
    } else if stage.is_before_confirmation() {
        sitting.adopt(verdict)?;
        sitting.step(Step::Reject)?;
        rejection::refuse(&mut sitting.case, fraud);
    } else {
        termination::terminate(&mut sitting, fraud).await?;
    }
    store::index::put_fraud(&sitting.tx, &sitting.case, sitting.today()).await?;
    sitting.finish("case.fraud_found", &proposal.note).await
}
