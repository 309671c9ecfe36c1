//! Refusal on the merits by maker and checker of the county: F6, F14 (R-PRC-6).

use yuhui_kernel::{Money, dates};
use yuhui_platform::{
    Result,
    caller::Caller,
    refusal::{self, Violation},
};
use yuhui_policy::{Decision, Reason};
use yuhui_proto::eligibility::v1 as pb;

use super::seat;
use crate::{
    desk::Desk,
    domain::{Case, ProposalKind, State, Step},
    evaluation::Moment,
    refusal::Refused,
};

/// County maker proposes; without a reason code the rules' own is taken.
pub(super) async fn propose(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ProposeRejectionRequest,
) -> Result<pb::Case> {
    let reason = reason_code(&ask.reason)?;
    let looked = desk.look(caller, &ask.name).await?;
    // At the notice the question is confirmation: hukou of the day counts (B.2 step 14).
    let confirmed_on = (looked.case.state == State::CNotice).then(|| desk.today());
    let verdict = desk
        .judge(
            caller,
            &looked.case,
            Moment {
                confirmed_on,
                ..Moment::default()
            },
        )
        .await?;
    let mut sitting = seat!(desk, caller, ask);
    sitting.step(Step::ProposeRejection)?;
    sitting.one_level_only().await?;
    if sitting.case.state == State::Returned
        && let Some(due) = sitting.case.return_due_on
        && desk.today() <= due
    {
        let due_on = dates::format(due);
        return Err(Refused::TermRunning {
            case: sitting.case.name(),
            due_on,
        }
        .into());
    }
    sitting.adopt(verdict)?;
    let found = sitting.case.outcome.clone();
    let reason = match (reason, &found) {
        (Some(reason), _) => reason.code().to_owned(),
        (None, Some(outcome)) if !outcome.pays() => outcome.reason.clone(),
        (None, _) => {
            let decision = found.map(|it| it.decision).unwrap_or_default();
            return Err(Refused::RulesPay {
                case: sitting.case.name(),
                decision,
            }
            .into());
        }
    };
    sitting.propose(ProposalKind::Rejection, &reason, &ask.note)?;
    sitting.finish("case.propose_rejection", &reason).await
}

/// County checker refuses; the letter names reason, clause, evidence, remedy (R-PRC-2).
pub(super) async fn approve(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ApproveRejectionRequest,
) -> Result<pb::Case> {
    let mut sitting = seat!(desk, caller, ask);
    sitting.one_level_only().await?;
    let proposal = sitting.approve(ProposalKind::Rejection)?;
    sitting.step(Step::Reject)?;
    refuse(&mut sitting.case, &proposal.reason);
    sitting
        .finish(
            "case.reject",
            &format!("{} {}", proposal.reason, proposal.note),
        )
        .await
}

/// Turns the outcome into a refusal; an empty reason keeps the rules' own.
pub(super) fn refuse(case: &mut Case, reason: &str) {
    let Some(outcome) = &mut case.outcome else {
        return;
    };
    if outcome.decision == Decision::NotAccepted.code() {
        return;
    }
    outcome.decision = Decision::Reject.code().into();
    if let Some(reason) = Reason::parse(reason) {
        outcome.reason = reason.code().into();
        outcome.reason_zh = reason.chinese().into();
    }
    outcome.amount = Money::ZERO;
    outcome.payees.clear();
}

/// A reason code of the closed list, or none.
pub(super) fn reason_code(text: &str) -> Result<Option<Reason>> {
    if text.is_empty() {
        return Ok(None);
    }
    Reason::parse(text).map(Some).ok_or_else(|| {
        let what = Violation::new("reason", "没有此理由代码", "is no reason code");
        refusal::invalid(vec![what]).into()
    })
}
