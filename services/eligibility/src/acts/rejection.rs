//! Refusal on the merits by maker and checker of the county: F6, F14 (R-PRC-6).

use yuhui_platform::{
    Result,
    caller::Caller,
    refusal::{self, Violation},
    unless_answered,
};
use yuhui_policy::Reason;
use yuhui_proto::eligibility::v1 as pb;

use super::{because, judge_anew};
use crate::{
    context::Context,
    convert::text,
    domain::{Case, ProposalKind, State, Step},
    evaluation::Moment,
    gate::Deed,
    refusal::Refused,
    ritual::{CaseAct, Command},
};

/// County maker proposes; without a reason code the rules' own is taken.
pub(crate) async fn propose(
    context: &Context,
    caller: &Caller,
    ask: pb::ProposeRejectionRequest,
) -> Result<pb::Case> {
    let reason = reason_code(&ask.reason)?;
    let note = match reason {
        Some(_) => text::needed("note", &ask.note)?,
        None => text::remark("note", &ask.note)?,
    };
    let command = Command::new(
        (caller, Deed::ProposeRejection),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let stored = unless_answered!(context.case_of(&command));
    let moment = today(context, &stored.case);
    let verdict = context.judge(caller, &stored, moment).await?;
    let mut act = unless_answered!(context.begin_at(command, stored.case.revision));
    act.step(Step::ProposeRejection)?;
    // Nobody is refused for what a register has not said; a ground of the county's own is another matter.
    if verdict.outcome.waits() && reason.is_none() {
        return act.wait(verdict).await;
    }
    let outcome = act.attach(verdict).await?;
    if reason.is_none() && outcome.pays() {
        let decision = outcome.found.decision.code();
        return Err(Refused::RulesPay {
            case: act.case.name(),
            decision,
        }
        .into());
    }
    let told = reason.or(outcome.found.reason).map_or("", Reason::code);
    act.propose(ProposalKind::Rejection, reason, &note, Some(outcome));
    act.finish("case.propose_rejection", because(told, &note))
        .await
}

/// At the notice the question is confirmation: hukou of the day counts (B.2 step 14).
fn today(context: &Context, case: &Case) -> Moment<'static> {
    Moment {
        confirmed_on: (case.state() == State::CNotice).then(|| context.today()),
        ..Moment::default()
    }
}

/// County checker refuses, if the rules still say what they said to the maker; the letter names reason,
/// clause, evidence, remedy (R-PRC-2).
pub(crate) async fn approve(
    context: &Context,
    caller: &Caller,
    ask: pb::ApproveRejectionRequest,
) -> Result<pb::Case> {
    let command = Command::new(
        (caller, Deed::ApproveRejection),
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
    reject(&mut act, proposal.reason, &proposal.note)?;
    let reason = act.case.outcome.as_ref().and_then(|it| it.found.reason);
    let told = because(reason.map_or("", Reason::code), &proposal.note);
    act.finish("case.reject", told).await
}

/// Ends the case with a refusal; without a reason the rules' own stays.
pub(super) fn reject(act: &mut CaseAct<'_>, reason: Option<Reason>, note: &str) -> Result<()> {
    act.step(Step::Reject)?;
    act.case.proposal = None;
    act.decide(|outcome| outcome.refuse(reason, note));
    // The term of review runs from a delivery that is still to come.
    act.reserve(None);
    Ok(())
}

/// A reason code of the closed list, or none.
pub(super) fn reason_code(code: &str) -> Result<Option<Reason>> {
    if code.is_empty() {
        return Ok(None);
    }
    Reason::parse(code).map(Some).ok_or_else(|| {
        let what = Violation::new("reason", "没有此理由代码", "is no reason code");
        refusal::invalid(vec![what]).into()
    })
}
