//! Objections (F26), and the inquiry that follows: what investigators report, what the county decides
//! (F27).

use yuhui_platform::{Result, caller::Caller, refusal, unless_answered};
use yuhui_policy::Reason;
use yuhui_proto::eligibility::v1::{self as pb, resolve_inquiry_request::Outcome};

use super::{correction, notices::repost_if_taken_down, rejection, termination};
use crate::{
    context::Context,
    convert::text,
    domain::{
        Step,
        inquiry::{self, InquiryReport},
    },
    gate::Deed,
    refusal::{required, review::NotReviewed},
    ritual::Command,
};

/// F27: what one of the two investigators found.
pub(crate) async fn report(
    context: &Context,
    caller: &Caller,
    ask: pb::ReportInquiryRequest,
) -> Result<pb::Case> {
    let finding = text::needed("finding", &ask.finding)?;
    let command = Command::new(
        (caller, Deed::ReportInquiry),
        &ask.case,
        "",
        &ask.request_id,
        &ask,
    )?;
    let mut act = unless_answered!(context.begin(command));
    let own = InquiryReport {
        by: act.hand(),
        founded: ask.founded,
        finding: finding.clone(),
    };
    inquiry::add(&mut act.case.inquiry, own);
    let founded = if ask.founded { "属实" } else { "不属实" };
    let told = format!("{founded}：{finding}");
    act.finish("case.report_inquiry", told).await
}

/// F26: recorded by the office of the stage, or by the county; the clock of the stage stops. Who
/// objected is kept with the sealed data of the case and never shown to the offices.
pub(crate) async fn object(
    context: &Context,
    caller: &Caller,
    ask: pb::RecordObjectionRequest,
) -> Result<pb::Case> {
    let substance = text::needed("substance", &ask.substance)?;
    let objector = text::remark("objector", &ask.objector)?;
    let command = Command::new(
        (caller, Deed::Object),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let mut act = unless_answered!(context.begin(command));
    act.step(Step::Object)?;
    act.case.cleared_on = None;
    if !objector.is_empty() {
        act.private.objectors.push(objector);
    }
    act.finish("case.object", substance).await
}

/// F27: two investigators have reported, and the county decides: neither of them, nor who recorded
/// the objection.
pub(crate) async fn resolve(
    context: &Context,
    caller: &Caller,
    ask: pb::ResolveInquiryRequest,
) -> Result<pb::Case> {
    let finding = text::needed("finding", &ask.finding)?;
    let outcome = ask.outcome();
    if outcome == Outcome::Unspecified {
        return Err(refusal::invalid(vec![required("outcome")]).into());
    }
    let command = Command::new(
        (caller, Deed::ResolveInquiry),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let mut act = unless_answered!(context.begin(command));
    if outcome == Outcome::Refuse && !act.case.inquiry.iter().any(|it| it.founded) {
        let case = act.case.name();
        return Err(NotReviewed::Unfounded { case }.into());
    }
    match outcome {
        Outcome::Return => {
            act.step(Step::ReturnFromInquiry)?;
            correction::to_the_claimant(&mut act, vec![finding.clone()]);
        }
        Outcome::Refuse if act.case.stage().is_before_confirmation() => {
            rejection::reject(&mut act, None, &finding)?;
        }
        Outcome::Refuse => {
            termination::terminate(&mut act, Some(Reason::OtherGround), &finding)?;
        }
        Outcome::Resume | Outcome::Unspecified => {
            act.step(Step::ResumeFromInquiry)?;
            repost_if_taken_down(&act.open.tx, &mut act.case).await?;
        }
    }
    act.finish("case.resolve_inquiry", finding).await
}
