//! Holds by supervision (F28), objections and inquiries (F26, F27).

use yuhui_platform::{Result, caller::Caller, form::Form, refusal};
use yuhui_policy::Reason;
use yuhui_proto::{
    authz::v1::Level,
    eligibility::v1::{self as pb, resolve_inquiry_request::Outcome},
};

use super::{correction, rejection, seat, termination};
use crate::{
    deadlines::repost_if_taken_down,
    desk::{Command, Desk},
    domain::{Step, inquiry::INVESTIGATORS},
    refusal::{required, review::NotReviewed},
    rpc::text,
    sitting::Sitting,
};

/// F28: discipline inspection or audit stops a case before payment; with a term, until it is over.
pub(super) async fn hold(
    desk: &Desk,
    caller: &Caller,
    ask: pb::HoldCaseRequest,
) -> Result<pb::Case> {
    let mut reason = text::needed("reason", &ask.reason)?;
    let mut form = Form::default();
    let until = form.date_or_none("until_on", &ask.until_on).flatten();
    if until.is_some_and(|it| it < desk.today()) {
        form.refuse("until_on", "不得早于今日", "is before today");
    }
    form.finish()?;
    if until.is_some() {
        reason = format!("{reason}（至 {}）", ask.until_on);
    }
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let mut sitting = seat!(desk, command);
    sitting.step(Step::Hold)?;
    sitting.case.hold_until = until;
    sitting.case.cleared_on = None;
    sitting.finish("case.hold", reason).await
}

/// F28: the hold is lifted.
pub(super) async fn release(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ReleaseHoldRequest,
) -> Result<pb::Case> {
    let reason = text::needed("reason", &ask.reason)?;
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let mut sitting = seat!(desk, command);
    sitting.step(Step::Release)?;
    repost_if_taken_down(&sitting.tx, &mut sitting.case).await?;
    sitting.finish("case.release", reason).await
}

/// F26: recorded by the office of the stage, or by the county; the clock of the stage stops. Who
/// objected is kept with the sealed data of the case and never shown to the offices.
pub(super) async fn object(
    desk: &Desk,
    caller: &Caller,
    ask: pb::RecordObjectionRequest,
) -> Result<pb::Case> {
    let substance = text::needed("substance", &ask.substance)?;
    let objector = text::remark("objector", &ask.objector)?;
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let mut sitting = seat!(desk, command);
    sitting.allows(Step::Object)?;
    if caller.level() != Level::County {
        sitting.own_stage()?;
    }
    sitting.step(Step::Object)?;
    sitting.case.cleared_on = None;
    if !objector.is_empty() {
        sitting.private.objectors.push(objector);
    }
    sitting.finish("case.object", substance).await
}

/// F27: two investigators have reported, and the county decides: neither of them, nor who recorded
/// the objection.
pub(super) async fn resolve(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ResolveInquiryRequest,
) -> Result<pb::Case> {
    let finding = text::needed("finding", &ask.finding)?;
    let outcome = ask.outcome();
    if outcome == Outcome::Unspecified {
        return Err(refusal::invalid(vec![required("outcome")]).into());
    }
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let mut sitting = seat!(desk, command);
    sitting.allows(Step::ResumeFromInquiry)?;
    sitting.not_who_stopped_it()?;
    investigated(&sitting)?;
    if outcome == Outcome::Refuse && !sitting.case.inquiry.iter().any(|it| it.founded) {
        let case = sitting.case.name();
        return Err(NotReviewed::Unfounded { case }.into());
    }
    match outcome {
        Outcome::Return => {
            sitting.step(Step::ReturnFromInquiry)?;
            correction::to_the_claimant(&mut sitting, vec![finding.clone()]);
        }
        Outcome::Refuse if sitting.case.stage().is_before_confirmation() => {
            rejection::reject(&mut sitting, None, &finding)?;
        }
        Outcome::Refuse => {
            termination::terminate(&mut sitting, Some(Reason::OtherGround), &finding)?;
        }
        Outcome::Resume | Outcome::Unspecified => {
            sitting.step(Step::ResumeFromInquiry)?;
            repost_if_taken_down(&sitting.tx, &mut sitting.case).await?;
        }
    }
    sitting.finish("case.resolve_inquiry", finding).await
}

fn investigated(sitting: &Sitting<'_>) -> Result<()> {
    let reports = &sitting.case.inquiry;
    if reports.len() < INVESTIGATORS {
        return Err(NotReviewed::NotInvestigated {
            case: sitting.case.name(),
            reports: reports.len(),
        }
        .into());
    }
    for report in reports {
        sitting.not_the_maker(&report.by)?;
    }
    Ok(())
}
