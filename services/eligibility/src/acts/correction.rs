//! Back to the claimant: F4, F5.

use yuhui_platform::{Result, caller::Caller, unless_answered};
use yuhui_proto::eligibility::v1 as pb;

use super::form;
use crate::{
    clients::facts,
    context::Context,
    convert::text,
    domain::{Kind, Proposal, ProposalKind, State, Step, deadline::Stage},
    gate::Deed,
    ritual::{CaseAct, Command},
};

/// Term of correction in working days (POLICY.md B.4, process parameters).
const CORRECTION_WORKING_DAYS: i32 = 10;

/// F4: all defects at once; the lodging date is kept (R-PRC-4).
pub(crate) async fn return_case(
    context: &Context,
    caller: &Caller,
    ask: pb::ReturnCaseRequest,
) -> Result<pb::Case> {
    let defects = text::all_needed("defects", &ask.defects)?;
    let command = Command::new(
        (caller, Deed::Return),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let mut act = unless_answered!(context.begin(command));
    act.step(Step::Return)?;
    to_the_claimant(&mut act, defects.clone());
    act.finish("case.return", defects.join("；")).await
}

/// Sets defects and term: ten working days, not beyond the deadline of the stage.
pub(super) fn to_the_claimant(act: &mut CaseAct<'_>, defects: Vec<String>) {
    let today = act.today();
    let term = act
        .calendar()
        .add_working_days(today, CORRECTION_WORKING_DAYS);
    let case = &act.case;
    let deadline =
        stage_of(case.stage(), case.kind()).map(|stage| act.year().end(stage, case.round));
    let case = &mut act.case;
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
pub(crate) async fn resubmit(
    context: &Context,
    caller: &Caller,
    ask: pb::ResubmitCaseRequest,
) -> Result<pb::Case> {
    let answer = text::needed("answer", &ask.answer)?;
    let command = Command::new(
        (caller, Deed::Resubmit),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let stored = unless_answered!(context.case_of(&command));
    let registered = facts::registered_name(context, caller, &stored.case).await?;
    let mut act = unless_answered!(context.begin_at(command, stored.case.revision));
    act.step(Step::Resubmit)?;
    // A refusal that was proposed before falls: the claimant has answered.
    act.case.proposal = None;
    form::complete(&act.case, &act.private, registered.as_deref())?;
    act.case.defects.clear();
    act.case.return_due_on = None;
    act.state_account().await?;
    act.finish("case.resubmit", answer).await
}
