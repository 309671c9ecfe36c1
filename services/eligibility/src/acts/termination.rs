//! Stopping before payment: F24 (六), F25.

use yuhui_platform::{Result, caller::Caller, unless_answered};
use yuhui_policy::{Decision, Reason};
use yuhui_proto::{eligibility::v1 as pb, internal::v1::event::Payload};

use super::{because, judge_anew, rejection::reason_code};
use crate::{
    context::Context,
    convert::text,
    domain::{Case, ProposalKind, Step},
    evaluation::Moment,
    events::outgoing::line_terminated,
    gate::Deed,
    names::{DISBURSEMENT, LEDGER},
    refusal::Refused,
    ritual::{CaseAct, Command},
};

/// What ledger and disbursement are told of a claimant's own withdrawal.
const WITHDRAWN: &str = "WITHDRAWN";

/// County maker: by the rules (六1), or with a ground of 六3.
pub(crate) async fn propose(
    context: &Context,
    caller: &Caller,
    ask: pb::ProposeTerminationRequest,
) -> Result<pb::Case> {
    let reason = reason_code(&ask.reason)?;
    let note = match reason {
        // 六3 asks for a reasoned decision, the claimant heard.
        Some(_) => text::needed("note", &ask.note)?,
        None => text::remark("note", &ask.note)?,
    };
    let command = Command::new(
        (caller, Deed::ProposeTermination),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let stored = unless_answered!(context.case_of(&command));
    let moment = today(context, &stored.case);
    let verdict = context.judge(caller, &stored, moment).await?;
    let mut act = unless_answered!(context.begin_at(command, stored.case.revision));
    act.step(Step::ProposeTermination)?;
    if verdict.outcome.waits() && reason.is_none() {
        return act.wait(verdict).await;
    }
    let outcome = act.attach(verdict).await?;
    if reason.is_none() && outcome.found.decision != Decision::Terminate {
        let decision = outcome.found.decision.code();
        return Err(Refused::RulesPay {
            case: act.case.name(),
            decision,
        }
        .into());
    }
    let told = reason.or(outcome.found.reason).map_or("", Reason::code);
    act.propose(ProposalKind::Termination, reason, &note, Some(outcome));
    act.finish("case.propose_termination", because(told, &note))
        .await
}

/// County checker stops the case, if the rules still say what they said to the maker; if it is on a
/// sealed roster, ledger and disbursement are told.
pub(crate) async fn approve(
    context: &Context,
    caller: &Caller,
    ask: pb::ApproveTerminationRequest,
) -> Result<pb::Case> {
    let command = Command::new(
        (caller, Deed::ApproveTermination),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let stored = unless_answered!(context.case_of(&command));
    let moment = today(context, &stored.case);
    let verdict = judge_anew(context, caller, &stored, moment).await?;
    let mut act = unless_answered!(context.begin_at(command, stored.case.revision));
    let proposal = act.take_proposal()?;
    act.must_still_hold(&proposal, verdict).await?;
    terminate(&mut act, proposal.reason, &proposal.note)?;
    let reason = act.case.outcome.as_ref().and_then(|it| it.found.reason);
    let told = because(reason.map_or("", Reason::code), &proposal.note);
    act.finish("case.terminate", told).await
}

/// As if the case were paid today.
fn today(context: &Context, case: &Case) -> Moment<'static> {
    Moment {
        confirmed_on: case.confirmed_on,
        paid_on: Some(context.today()),
        ..Moment::default()
    }
}

/// Takes the case out of payment; without a reason the rules' own stays.
pub(super) fn terminate(act: &mut CaseAct<'_>, reason: Option<Reason>, note: &str) -> Result<()> {
    let found = act.case.outcome.as_ref().and_then(|it| it.found.reason);
    if is_in_ledger(&act.case) {
        // Told first: what the line gives back is reserved from the beginning. The term of review
        // runs from a delivery that is still to come.
        act.case.is_reserved = true;
        act.reserve(None);
    }
    stop_money(act, reason.or(found).map_or("", Reason::code));
    act.step(Step::Terminate)?;
    act.case.proposal = None;
    act.decide(|outcome| outcome.terminate(reason, note));
    Ok(())
}

/// Whether the case has a line on a sealed roster.
fn is_in_ledger(case: &Case) -> bool {
    case.stage().is_in_ledger() && case.rostered.is_some()
}

/// A line on a sealed roster is taken back from ledger and disbursement.
fn stop_money(act: &mut CaseAct<'_>, reason: &str) {
    let case = &act.case;
    let Some(line) = is_in_ledger(case)
        .then(|| line_terminated(case, reason))
        .flatten()
    else {
        return;
    };
    for destination in [LEDGER, DISBURSEMENT] {
        act.publish(destination, Payload::LineTerminated(line.clone()));
    }
}

/// F25: withdrawn by the claimant, free before the batch is released.
pub(crate) async fn withdraw(
    context: &Context,
    caller: &Caller,
    ask: pb::WithdrawCaseRequest,
) -> Result<pb::Case> {
    let reason = text::remark("reason", &ask.reason)?;
    let command = Command::new(
        (caller, Deed::Withdraw),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let mut act = unless_answered!(context.begin(command));
    stop_money(&mut act, WITHDRAWN);
    act.step(Step::Withdraw)?;
    act.case.proposal = None;
    let today = act.today();
    act.reserve(Some(today));
    act.finish("case.withdraw", reason).await
}
