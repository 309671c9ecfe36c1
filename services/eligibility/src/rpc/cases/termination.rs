//! Stopping before payment: F24 (六), F25.

use yuhui_platform::{Result, caller::Caller};
use yuhui_policy::{Decision, Reason};
use yuhui_proto::{eligibility::v1 as pb, events::v1::event::Payload};

use super::{judge_anew, look, rejection::reason_code, seat};
use crate::{
    desk::{Command, Desk},
    domain::{Case, ProposalKind, Step},
    evaluation::Moment,
    refusal::Refused,
    rpc::{
        events::{DISBURSEMENT, LEDGER, line_terminated},
        text,
    },
    sitting::Sitting,
};

/// What ledger and disbursement are told of a claimant's own withdrawal.
const WITHDRAWN: &str = "WITHDRAWN";

/// County maker: by the rules (六1), or with a ground of 六3.
pub(super) async fn propose(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ProposeTerminationRequest,
) -> Result<pb::Case> {
    let reason = reason_code(&ask.reason)?;
    let note = match reason {
        // 六3 asks for a reasoned decision, the claimant heard.
        Some(_) => text::needed("note", &ask.note)?,
        None => text::remark("note", &ask.note)?,
    };
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let looked = look!(desk, command, Step::ProposeTermination);
    let moment = today(desk, &looked.case);
    let verdict = desk.judge(caller, &looked, moment).await?;
    let mut sitting = seat!(desk, command, looked);
    sitting.step(Step::ProposeTermination)?;
    if verdict.outcome.waits() && reason.is_none() {
        return sitting.wait(verdict).await;
    }
    let outcome = sitting.attach(verdict).await?;
    if reason.is_none() && outcome.found.decision != Decision::Terminate {
        let decision = outcome.found.decision.code();
        return Err(Refused::RulesPay {
            case: sitting.case.name(),
            decision,
        }
        .into());
    }
    let told = reason.or(outcome.found.reason).map_or("", Reason::code);
    sitting.propose(ProposalKind::Termination, reason, &note, Some(outcome))?;
    sitting
        .finish("case.propose_termination", super::because(told, &note))
        .await
}

/// County checker stops the case, if the rules still say what they said to the maker; if it is on a
/// sealed roster, ledger and disbursement are told.
pub(super) async fn approve(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ApproveTerminationRequest,
) -> Result<pb::Case> {
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let looked = look!(desk, command);
    let kind = ProposalKind::Termination;
    let verdict = judge_anew(desk, caller, &looked, kind, today(desk, &looked.case)).await?;
    let mut sitting = seat!(desk, command, looked);
    let proposal = sitting.approve(kind)?;
    // What is under inquiry, with a panel or on hold is not stopped past them.
    sitting.allows(Step::ProposeTermination)?;
    sitting.must_still_hold(&proposal, verdict).await?;
    terminate(&mut sitting, proposal.reason, &proposal.note)?;
    let reason = sitting.case.outcome.as_ref().and_then(|it| it.found.reason);
    let told = super::because(reason.map_or("", Reason::code), &proposal.note);
    sitting.finish("case.terminate", told).await
}

/// As if the case were paid today.
fn today(desk: &Desk, case: &Case) -> Moment<'static> {
    Moment {
        confirmed_on: case.confirmed_on,
        paid_on: Some(desk.today()),
        ..Moment::default()
    }
}

/// Takes the case out of payment; without a reason the rules' own stays.
pub(super) fn terminate(
    sitting: &mut Sitting<'_>,
    reason: Option<Reason>,
    note: &str,
) -> Result<()> {
    let found = sitting.case.outcome.as_ref().and_then(|it| it.found.reason);
    if is_in_ledger(&sitting.case) {
        // Told first: what the line gives back is reserved from the beginning. The term of review
        // runs from a delivery that is still to come.
        sitting.case.is_reserved = true;
        sitting.reserve(None);
    }
    stop_money(sitting, reason.or(found).map_or("", Reason::code));
    sitting.step(Step::Terminate)?;
    sitting.case.proposal = None;
    sitting.decide(|outcome| outcome.terminate(reason, note));
    Ok(())
}

/// Whether the case has a line on a sealed roster.
fn is_in_ledger(case: &Case) -> bool {
    case.stage().is_in_ledger() && case.rostered.is_some()
}

/// A line on a sealed roster is taken back from ledger and disbursement.
fn stop_money(sitting: &mut Sitting<'_>, reason: &str) {
    let case = &sitting.case;
    let Some(line) = is_in_ledger(case)
        .then(|| line_terminated(case, reason))
        .flatten()
    else {
        return;
    };
    for destination in [LEDGER, DISBURSEMENT] {
        sitting.tell(destination, Payload::LineTerminated(line.clone()));
    }
}

/// F25: withdrawn by the claimant, free before the batch is released.
pub(super) async fn withdraw(
    desk: &Desk,
    caller: &Caller,
    ask: pb::WithdrawCaseRequest,
) -> Result<pb::Case> {
    let reason = text::remark("reason", &ask.reason)?;
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let mut sitting = seat!(desk, command);
    stop_money(&mut sitting, WITHDRAWN);
    sitting.step(Step::Withdraw)?;
    sitting.own_counter()?;
    sitting.case.proposal = None;
    let today = sitting.today();
    sitting.reserve(Some(today));
    sitting.finish("case.withdraw", reason).await
}
