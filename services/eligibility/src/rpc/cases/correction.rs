//! Back to the claimant, or to two persons of the county: F4, F5, F15.

use time::{Date, Month};
use yuhui_kernel::dates;
use yuhui_platform::{Result, caller::Caller, refusal};
use yuhui_proto::eligibility::v1 as pb;

use super::{rejection, seat};
use crate::{
    desk::{Desk, Sitting},
    domain::{State, Step},
    refusal::required,
};

/// Term of correction in working days (POLICY.md B.4, process parameters).
const CORRECTION_WORKING_DAYS: i32 = 10;

/// F4: all defects at once; the lodging date is kept (R-PRC-4).
pub(super) async fn return_case(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ReturnCaseRequest,
) -> Result<pb::Case> {
    let defects: Vec<String> = ask
        .defects
        .iter()
        .map(|it| it.trim().to_owned())
        .filter(|it| !it.is_empty())
        .collect();
    if defects.is_empty() {
        return Err(refusal::invalid(vec![required("defects")]).into());
    }
    let mut sitting = seat!(desk, caller, ask);
    sitting.own_stage()?;
    let stage = sitting.case.state;
    sitting.step(Step::Return)?;
    sitting.one_level_only().await?;
    to_the_claimant(&mut sitting, stage, defects.clone());
    sitting.finish("case.return", &defects.join("；")).await
}

/// Sets defects and term: ten working days, not beyond the deadline of the stage.
pub(super) fn to_the_claimant(sitting: &mut Sitting, stage: State, defects: Vec<String>) {
    let today = sitting.today();
    let term = sitting
        .calendar()
        .add_working_days(today, CORRECTION_WORKING_DAYS);
    let due = stage_deadline(stage, sitting.case.round).filter(|it| *it >= today);
    sitting.case.return_due_on = Some(due.map_or(term, |it| it.min(term)));
    sitting.case.defects = defects;
    sitting.case.report = None;
}

/// Deadline of an office (四(一)2–4); deadlines of offices do not roll (R-DAT-2).
fn stage_deadline(stage: State, round: i32) -> Option<Date> {
    Some(match stage {
        State::VReview => dates::month_day(round, Month::April, 30),
        State::TReview => dates::month_day(round, Month::May, 31),
        State::CReview => dates::month_day(round, Month::July, 31),
        _ => return None,
    })
}

/// F5: the defects are answered; the case goes on where it stopped.
pub(super) async fn resubmit(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ResubmitCaseRequest,
) -> Result<pb::Case> {
    let mut sitting = seat!(desk, caller, ask);
    sitting.step(Step::Resubmit)?;
    sitting.case.defects.clear();
    sitting.case.return_due_on = None;
    sitting.finish("case.resubmit", &ask.answer).await
}

/// F15: no automatic result, a person must decide.
pub(super) async fn refer(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ReferCaseRequest,
) -> Result<pb::Case> {
    if ask.reason.trim().is_empty() {
        return Err(refusal::invalid(vec![required("reason")]).into());
    }
    let mut sitting = seat!(desk, caller, ask);
    sitting.own_stage()?;
    sitting.step(Step::Refer)?;
    caller.account.clone_into(&mut sitting.case.stopped_by);
    sitting.finish("case.refer", &ask.reason).await
}

/// F15: a second person resolves with written reasons. Going on means that the missing fact is now
/// in its register: the rules run again at the stage, nobody overrides them.
pub(super) async fn resolve_referral(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ResolveReferralRequest,
) -> Result<pb::Case> {
    if ask.reason.trim().is_empty() {
        return Err(refusal::invalid(vec![required("reason")]).into());
    }
    let mut sitting = seat!(desk, caller, ask);
    let referrer = sitting.case.stopped_by.clone();
    sitting.not_the_maker(&referrer)?;
    if ask.proceed {
        sitting.step(Step::ResolveReferral)?;
        sitting.case.report = None;
    } else {
        // Only a referred case ends here; other states have their own way of refusal.
        if sitting.case.state != State::Referred {
            sitting.step(Step::ResolveReferral)?;
        }
        sitting.step(Step::Reject)?;
        rejection::refuse(&mut sitting.case, "");
    }
    sitting.finish("case.resolve_referral", &ask.reason).await
}
