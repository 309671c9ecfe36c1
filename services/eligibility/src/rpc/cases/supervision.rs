//! Holds by supervision (F28), objections and inquiries (F26, F27).

use yuhui_platform::{Result, caller::Caller, outbox, refusal};
use yuhui_proto::{
    eligibility::v1::{self as pb, resolve_inquiry_request::Outcome},
    events::v1 as events,
};

use super::{correction, rejection, seat, termination};
use crate::{
    desk::{Desk, Sitting},
    domain::{State, Step},
    refusal::required,
    rpc::events::{DISBURSEMENT, event},
    store,
};

/// F28: discipline inspection or audit stops a case before payment.
pub(super) async fn hold(
    desk: &Desk,
    caller: &Caller,
    ask: pb::HoldCaseRequest,
) -> Result<pb::Case> {
    if ask.reason.trim().is_empty() {
        return Err(refusal::invalid(vec![required("reason")]).into());
    }
    let mut sitting = seat!(desk, caller, ask);
    sitting.step(Step::Hold)?;
    caller.account.clone_into(&mut sitting.case.stopped_by);
    sitting.case.cleared_on = None;
    tell_disbursement(&sitting, true).await?;
    let reason = match ask.until_on.as_str() {
        "" => ask.reason.clone(),
        until => format!("{}（至 {until}）", ask.reason),
    };
    sitting.finish("case.hold", &reason).await
}

/// F28: the hold is lifted.
pub(super) async fn release(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ReleaseHoldRequest,
) -> Result<pb::Case> {
    let mut sitting = seat!(desk, caller, ask);
    tell_disbursement(&sitting, false).await?;
    sitting.step(Step::Release)?;
    sitting.finish("case.release", &ask.reason).await
}

async fn tell_disbursement(sitting: &Sitting, held: bool) -> Result<()> {
    let stage = sitting.case.resume.unwrap_or(sitting.case.state);
    if !stage.is_in_ledger() {
        return Ok(());
    }
    let payload = events::event::Payload::HoldChanged(events::HoldChanged {
        case: sitting.case.name(),
        held,
    });
    outbox::publish(&sitting.tx, DISBURSEMENT, event(sitting.today(), payload)).await
}

/// F26: recorded by the office of the stage; the clock of the stage stops. Who objected stays in
/// the audit record only, sealed off from the offices reviewed.
pub(super) async fn object(
    desk: &Desk,
    caller: &Caller,
    ask: pb::RecordObjectionRequest,
) -> Result<pb::Case> {
    if ask.substance.trim().is_empty() {
        return Err(refusal::invalid(vec![required("substance")]).into());
    }
    let mut sitting = seat!(desk, caller, ask);
    sitting.step(Step::Object)?;
    caller.account.clone_into(&mut sitting.case.stopped_by);
    sitting.case.cleared_on = None;
    tell_disbursement(&sitting, true).await?;
    sitting.finish("case.object", &ask.substance).await
}

/// F27: a second person ends the inquiry with a finding.
pub(super) async fn resolve(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ResolveInquiryRequest,
) -> Result<pb::Case> {
    if ask.finding.trim().is_empty() {
        return Err(refusal::invalid(vec![required("finding")]).into());
    }
    let mut sitting = seat!(desk, caller, ask);
    let recorder = sitting.case.stopped_by.clone();
    let stage = sitting.case.resume.unwrap_or(sitting.case.state);
    match ask.outcome() {
        Outcome::Unspecified => return Err(refusal::invalid(vec![required("outcome")]).into()),
        Outcome::Resume => {
            tell_disbursement(&sitting, false).await?;
            sitting.step(Step::ResumeFromInquiry)?;
            repost_if_taken_down(&mut sitting).await?;
        }
        Outcome::Return => {
            let review = review_of(stage);
            sitting.step(Step::ReturnFromInquiry)?;
            sitting.case.resume = Some(review);
            sitting.case.notice = None;
            correction::to_the_claimant(&mut sitting, review, vec![ask.finding.clone()]);
        }
        Outcome::Refuse if stage.is_before_confirmation() => {
            sitting.step(Step::Reject)?;
            rejection::refuse(&mut sitting.case, "");
        }
        Outcome::Refuse => termination::terminate(&mut sitting, "OTHER_GROUND").await?,
    }
    sitting.not_the_maker(&recorder)?;
    sitting.finish("case.resolve_inquiry", &ask.finding).await
}

/// The review that a case under notice, or later, is returned to.
fn review_of(stage: State) -> State {
    match stage {
        State::Lodged | State::VReview | State::VNotice => State::VReview,
        State::TReview | State::TNotice => State::TReview,
        _ => State::CReview,
    }
}

/// A notice that was taken down meanwhile is posted anew: nobody loses the seven days.
async fn repost_if_taken_down(sitting: &mut Sitting) -> Result<()> {
    let Some(id) = sitting.case.notice else {
        return Ok(());
    };
    let closed = store::notices::get(&sitting.tx, id)
        .await?
        .is_none_or(|it| it.closed);
    let at_notice = matches!(
        sitting.case.state,
        State::VNotice | State::TNotice | State::CNotice
    );
    if closed && at_notice && !sitting.case.notice_over {
        sitting.case.notice = None;
    }
    Ok(())
}
