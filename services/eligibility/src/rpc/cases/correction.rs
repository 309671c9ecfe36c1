//! Back to the claimant, or to two persons of the county: F4, F5, F15.

use yuhui_platform::{Result, caller::Caller};
use yuhui_policy::Reason;
use yuhui_proto::{authz::v1::Duty, eligibility::v1 as pb};

use super::{because, form, look, rejection, seat, termination};
use crate::{
    deadlines::repost_if_taken_down,
    desk::{Command, Desk},
    domain::{Case, Kind, PanelSignature, Proposal, ProposalKind, State, Step, deadline::Stage},
    refusal::{Refused, review::NotReviewed},
    rpc::{facts, text},
    sitting::Sitting,
};

/// Term of correction in working days (POLICY.md B.4, process parameters).
const CORRECTION_WORKING_DAYS: i32 = 10;

/// F4: all defects at once; the lodging date is kept (R-PRC-4).
pub(super) async fn return_case(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ReturnCaseRequest,
) -> Result<pb::Case> {
    let defects = text::all_needed("defects", &ask.defects)?;
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let mut sitting = seat!(desk, command);
    sitting.allows(Step::Return)?;
    sitting.own_stage()?;
    sitting.step(Step::Return)?;
    to_the_claimant(&mut sitting, defects.clone());
    sitting.finish("case.return", defects.join("；")).await
}

/// Sets defects and term: ten working days, not beyond the deadline of the stage.
pub(super) fn to_the_claimant(sitting: &mut Sitting<'_>, defects: Vec<String>) {
    let today = sitting.today();
    let term = sitting
        .calendar()
        .add_working_days(today, CORRECTION_WORKING_DAYS);
    let case = &sitting.case;
    let deadline =
        stage_of(case.stage(), case.kind()).map(|stage| sitting.year().end(stage, case.round));
    let case = &mut sitting.case;
    let due = deadline
        .filter(|it| *it >= today)
        .map_or(term, |it| it.min(term));
    // A refusal that was proposed before falls: it is the claimant's turn.
    let refusal = |it: &mut Proposal| it.kind == ProposalKind::Rejection;
    drop(case.proposal.take_if(refusal));
    case.return_due_on = Some(due);
    case.defects = defects;
    case.report = None;
    case.notice = None;
}

/// Stage whose end bounds the term (四(一)2–4, 四(二)2).
const fn stage_of(stage: State, kind: Kind) -> Option<Stage> {
    Some(match (stage, kind) {
        (State::VReview, _) => Stage::Village,
        (State::TReview, Kind::Family) => Stage::Township,
        (State::TReview | State::CReview, _) => Stage::County,
        _ => return None,
    })
}

/// F5: the defects are answered; the case goes on where it stopped, as complete as it was lodged.
pub(super) async fn resubmit(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ResubmitCaseRequest,
) -> Result<pb::Case> {
    let answer = text::needed("answer", &ask.answer)?;
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let looked = look!(desk, command, Step::Resubmit);
    let registered = facts::registered_name(desk, caller, &looked.case).await?;
    let mut sitting = seat!(desk, command, looked);
    sitting.step(Step::Resubmit)?;
    sitting.own_counter()?;
    sitting.no_proposal_waits()?;
    form::complete(&sitting.case, &sitting.private, registered.as_deref())?;
    sitting.case.defects.clear();
    sitting.case.return_due_on = None;
    sitting.state_account().await?;
    sitting.finish("case.resubmit", answer).await
}

/// F15, I8: no automatic result, persons must decide.
pub(super) async fn refer(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ReferCaseRequest,
) -> Result<pb::Case> {
    let reason = text::needed("reason", &ask.reason)?;
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let mut sitting = seat!(desk, command);
    sitting.allows(Step::Refer)?;
    sitting.own_stage()?;
    sitting.step(Step::Refer)?;
    sitting.case.cleared_on = None;
    sitting.finish("case.refer", reason).await
}

/// F15: a panel of two resolves with written reasons; the first signature waits for the second.
/// Going on means that the missing fact is now in its register: the rules run again at the stage,
/// nobody overrides them.
pub(super) async fn resolve_referral(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ResolveReferralRequest,
) -> Result<pb::Case> {
    let reason = text::needed("reason", &ask.reason)?;
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let mut sitting = seat!(desk, command);
    sitting.allows(Step::ResolveReferral)?;
    sitting.not_who_stopped_it()?;
    if !ask.proceed && !sitting.case.waiting_for.is_empty() {
        let state = sitting.case.waiting_for.first().map(|it| it.state);
        let reason = state.map_or("", |it| it.reason().code());
        return Err(Refused::waiting_since(&sitting.case, reason).into());
    }
    let own = PanelSignature {
        by: sitting.hand(),
        checker: caller.duty() == Duty::Checker,
        proceed: ask.proceed,
        reason,
    };
    let other = sitting.case.panel.take().filter(|it| !it.by.is(&own.by));
    let Some(other) = other else {
        let reason = because(own.as_str(), &own.reason);
        sitting.case.panel = Some(own);
        return sitting.finish("case.sign_referral", reason).await;
    };
    concur(&sitting.case, &other, &own)?;
    let reason = format!("{}；{}", other.reason, own.reason);
    if own.proceed {
        sitting.step(Step::ResolveReferral)?;
        sitting.case.report = None;
        // The register is asked again at the stage.
        sitting.case.waiting_for.clear();
        repost_if_taken_down(&sitting.tx, &mut sitting.case).await?;
    } else if sitting.case.stage().is_before_confirmation() {
        rejection::reject(&mut sitting, None, &reason)?;
    } else {
        termination::terminate(&mut sitting, Some(Reason::OtherGround), &reason)?;
    }
    sitting.finish("case.resolve_referral", reason).await
}

/// Both say the same, and one of them is a checker: what the panel refuses is refused by maker and
/// checker (F14, F24).
fn concur(case: &Case, other: &PanelSignature, own: &PanelSignature) -> Result<(), NotReviewed> {
    if other.proceed != own.proceed {
        return Err(NotReviewed::PanelDisagrees {
            case: case.name(),
            signed: other.as_str(),
        });
    }
    if !other.checker && !own.checker {
        return Err(NotReviewed::PanelNeedsChecker { case: case.name() });
    }
    Ok(())
}
