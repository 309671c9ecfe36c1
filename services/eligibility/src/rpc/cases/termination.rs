//! Stopping before payment: F24 (六), F25.

use yuhui_platform::{Result, caller::Caller, outbox, refusal};
use yuhui_policy::{Decision, Reason};
use yuhui_proto::eligibility::v1 as pb;

use super::seat;
use crate::{
    desk::{Desk, Sitting},
    domain::{ProposalKind, State, Step},
    evaluation::Moment,
    refusal::{Refused, required},
    rpc::events::{DISBURSEMENT, LEDGER, line_terminated},
};

/// County maker: by the rules (六1), or with a ground of 六3.
pub(super) async fn propose(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ProposeTerminationRequest,
) -> Result<pb::Case> {
    let looked = desk.look(caller, &ask.name).await?;
    let moment = Moment {
        confirmed_on: looked.case.confirmed_on,
        paid_on: Some(desk.today()),
        ..Moment::default()
    };
    let verdict = desk.judge(caller, &looked.case, moment).await?;
    let mut sitting = seat!(desk, caller, ask);
    sitting.step(Step::ProposeTermination)?;
    let decision = verdict.outcome.decision.clone();
    let reason = if ask.reason.is_empty() {
        verdict.outcome.reason.clone()
    } else {
        ask.reason.clone()
    };
    if ask.reason.is_empty() && decision != Decision::Terminate.code() {
        return Err(Refused::RulesPay {
            case: sitting.case.name(),
            decision,
        }
        .into());
    }
    if !ask.reason.is_empty() && ask.note.trim().is_empty() {
        return Err(refusal::invalid(vec![required("note")]).into());
    }
    sitting.propose(ProposalKind::Termination, &reason, &ask.note)?;
    sitting.finish("case.propose_termination", &reason).await
}

/// County checker stops the case; if it is on a sealed roster, ledger and disbursement are told.
pub(super) async fn approve(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ApproveTerminationRequest,
) -> Result<pb::Case> {
    let mut sitting = seat!(desk, caller, ask);
    let proposal = sitting.approve(ProposalKind::Termination)?;
    terminate(&mut sitting, &proposal.reason).await?;
    sitting
        .finish(
            "case.terminate",
            &format!("{} {}", proposal.reason, proposal.note),
        )
        .await
}

/// Takes the case out of payment.
pub(super) async fn terminate(sitting: &mut Sitting, reason: &str) -> Result<()> {
    stop_money(sitting, reason).await?;
    sitting.step(Step::Terminate)?;
    if let Some(outcome) = &mut sitting.case.outcome {
        outcome.decision = Decision::Terminate.code().into();
        outcome.reason = reason.into();
        outcome.reason_zh =
            Reason::parse(reason).map_or_else(|| reason.to_owned(), |it| it.chinese().to_owned());
        outcome.payees.clear();
        outcome.amount = yuhui_kernel::Money::ZERO;
    }
    Ok(())
}

/// A line on a sealed roster is taken back from ledger and disbursement.
async fn stop_money(sitting: &Sitting, reason: &str) -> Result<()> {
    let case = &sitting.case;
    let stage = case.resume.unwrap_or(case.state);
    if !(case.state.is_in_ledger() || stage.is_in_ledger()) || case.amount().is_zero() {
        return Ok(());
    }
    for destination in [LEDGER, DISBURSEMENT] {
        let event = line_terminated(case, reason, sitting.today());
        outbox::publish(&sitting.tx, destination, event).await?;
    }
    Ok(())
}

/// F25: withdrawn by the claimant, free before the batch is released.
pub(super) async fn withdraw(
    desk: &Desk,
    caller: &Caller,
    ask: pb::WithdrawCaseRequest,
) -> Result<pb::Case> {
    let mut sitting = seat!(desk, caller, ask);
    if sitting.case.state != State::Draft {
        stop_money(&sitting, "WITHDRAWN").await?;
    }
    sitting.step(Step::Withdraw)?;
    sitting.finish("case.withdraw", &ask.reason).await
}
