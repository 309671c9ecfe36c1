//! Holds by supervision: F28.

use yuhui_platform::{Result, caller::Caller, form::Form, unless_answered};
use yuhui_proto::eligibility::v1 as pb;

use super::notices::repost_if_taken_down;
use crate::{context::Context, convert::text, domain::Step, gate::Deed, ritual::Command};

/// F28: discipline inspection, of the county or the city, stops a case before payment; with a term, until it is over.
/// An auditor's finding asks for it.
pub(crate) async fn hold(
    context: &Context,
    caller: &Caller,
    ask: pb::HoldCaseRequest,
) -> Result<pb::Case> {
    let mut reason = text::needed("reason", &ask.reason)?;
    let mut form = Form::default();
    let until = form.date_or_none("until_on", &ask.until_on).flatten();
    if until.is_some_and(|it| it < context.today()) {
        form.refuse("until_on", "不得早于今日", "is before today");
    }
    form.finish()?;
    if until.is_some() {
        reason = format!("{reason}（至 {}）", ask.until_on);
    }
    let command = Command::new(
        (caller, Deed::Hold),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let mut act = unless_answered!(context.begin(command));
    act.step(Step::Hold)?;
    act.case.hold_until = until;
    act.case.cleared_on = None;
    act.finish("case.hold", reason).await
}

/// F28: the hold is lifted.
pub(crate) async fn release(
    context: &Context,
    caller: &Caller,
    ask: pb::ReleaseHoldRequest,
) -> Result<pb::Case> {
    let reason = text::needed("reason", &ask.reason)?;
    let command = Command::new(
        (caller, Deed::Release),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let mut act = unless_answered!(context.begin(command));
    act.step(Step::Release)?;
    repost_if_taken_down(&act.open.tx, &mut act.case).await?;
    act.finish("case.release", reason).await
}
