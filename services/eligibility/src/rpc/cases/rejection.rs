//! Refusal on the merits by maker and checker of the county: F6, F14 (R-PRC-6).

use yuhui_platform::{
    Result,
    caller::Caller,
    refusal::{self, Violation},
};
use yuhui_policy::Reason;
use yuhui_proto::eligibility::v1 as pb;

use super::{judge_anew, look, seat};
use crate::{
    desk::{Command, Desk},
    domain::{Case, ProposalKind, State, Step},
    evaluation::Moment,
    refusal::{Refused, day},
    rpc::text,
    sitting::Sitting,
};

/// County maker proposes; without a reason code the rules' own is taken.
pub(super) async fn propose(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ProposeRejectionRequest,
) -> Result<pb::Case> {
    let reason = reason_code(&ask.reason)?;
    let note = match reason {
        Some(_) => text::needed("note", &ask.note)?,
        None => text::remark("note", &ask.note)?,
    };
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let looked = look!(desk, command, Step::ProposeRejection);
    let moment = today(desk, &looked.case);
    let verdict = desk.judge(caller, &looked, moment).await?;
    let mut sitting = seat!(desk, command, looked);
    sitting.step(Step::ProposeRejection)?;
    term_must_have_run(&sitting)?;
    // Nobody is refused for what a register has not said; a ground of the county's own is another matter.
    if verdict.outcome.waits() && reason.is_none() {
        return sitting.wait(verdict).await;
    }
    let outcome = sitting.attach(verdict).await?;
    if reason.is_none() && outcome.pays() {
        let decision = outcome.found.decision.code();
        return Err(Refused::RulesPay {
            case: sitting.case.name(),
            decision,
        }
        .into());
    }
    let told = reason.or(outcome.found.reason).map_or("", Reason::code);
    sitting.propose(ProposalKind::Rejection, reason, &note, Some(outcome))?;
    sitting
        .finish("case.propose_rejection", super::because(told, &note))
        .await
}

/// At the notice the question is confirmation: hukou of the day counts (B.2 step 14).
fn today(desk: &Desk, case: &Case) -> Moment<'static> {
    Moment {
        confirmed_on: (case.state() == State::CNotice).then(|| desk.today()),
        ..Moment::default()
    }
}

/// County checker refuses, if the rules still say what they said to the maker; the letter names reason,
/// clause, evidence, remedy (R-PRC-2).
pub(super) async fn approve(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ApproveRejectionRequest,
) -> Result<pb::Case> {
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let looked = look!(desk, command);
    let kind = ProposalKind::Rejection;
    let verdict = judge_anew(desk, caller, &looked, kind, today(desk, &looked.case)).await?;
    let mut sitting = seat!(desk, command, looked);
    let proposal = sitting.approve(kind)?;
    // What is under inquiry, with a panel or on hold is not refused past them.
    sitting.allows(Step::ProposeRejection)?;
    term_must_have_run(&sitting)?;
    sitting.must_still_hold(&proposal, verdict).await?;
    reject(&mut sitting, proposal.reason, &proposal.note)?;
    let reason = sitting.case.outcome.as_ref().and_then(|it| it.found.reason);
    let told = super::because(reason.map_or("", Reason::code), &proposal.note);
    sitting.finish("case.reject", told).await
}

/// F6: the term of correction is the claimant's.
fn term_must_have_run(sitting: &Sitting<'_>) -> Result<()> {
    let due = sitting.case.return_due_on;
    match due.filter(|it| sitting.today() <= *it) {
        None => Ok(()),
        Some(due) => Err(Refused::TermRunning {
            case: sitting.case.name(),
            due_on: day(due),
        }
        .into()),
    }
}

/// Ends the case with a refusal; without a reason the rules' own stays.
pub(super) fn reject(sitting: &mut Sitting<'_>, reason: Option<Reason>, note: &str) -> Result<()> {
    sitting.step(Step::Reject)?;
    sitting.case.proposal = None;
    sitting.decide(|outcome| outcome.refuse(reason, note));
    // The term of review runs from a delivery that is still to come.
    sitting.reserve(None);
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
