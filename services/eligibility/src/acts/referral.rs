//! To two persons of the county, and back: F15.

use yuhui_platform::{Result, caller::Caller, unless_answered};
use yuhui_policy::Reason;
use yuhui_proto::{authz::v1::Duty, eligibility::v1 as pb};

use super::{because, notices::repost_if_taken_down, rejection, termination};
use crate::{
    context::Context,
    convert::text,
    domain::{Case, PanelSignature, Step},
    gate::Deed,
    refusal::{Refused, review::NotReviewed},
    ritual::Command,
};

/// F15, I8: no automatic result, persons must decide.
pub(crate) async fn refer(
    context: &Context,
    caller: &Caller,
    ask: pb::ReferCaseRequest,
) -> Result<pb::Case> {
    let reason = text::needed("reason", &ask.reason)?;
    let command = Command::new(
        (caller, Deed::Refer),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let mut act = unless_answered!(context.begin(command));
    act.step(Step::Refer)?;
    act.case.cleared_on = None;
    act.finish("case.refer", reason).await
}

/// F15: a panel of two resolves with written reasons; the first signature waits for the second.
/// Going on means that the missing fact is now in its register: the rules run again at the stage,
/// nobody overrides them.
pub(crate) async fn resolve_referral(
    context: &Context,
    caller: &Caller,
    ask: pb::ResolveReferralRequest,
) -> Result<pb::Case> {
    let reason = text::needed("reason", &ask.reason)?;
    let command = Command::new(
        (caller, Deed::ResolveReferral),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let mut act = unless_answered!(context.begin(command));
    if !ask.proceed && !act.case.waiting_for.is_empty() {
        let state = act.case.waiting_for.first().map(|it| it.state);
        let reason = state.map_or("", |it| it.reason().code());
        return Err(Refused::waiting_since(&act.case, reason).into());
    }
    let own = PanelSignature {
        by: act.hand(),
        checker: caller.duty() == Duty::Checker,
        proceed: ask.proceed,
        reason,
    };
    let other = act.case.panel.take().filter(|it| !it.by.is(&own.by));
    let Some(other) = other else {
        let reason = because(own.as_str(), &own.reason);
        act.case.panel = Some(own);
        return act.finish("case.sign_referral", reason).await;
    };
    concur(&act.case, &other, &own)?;
    let reason = format!("{}；{}", other.reason, own.reason);
    if own.proceed {
        act.step(Step::ResolveReferral)?;
        act.case.report = None;
        // The register is asked again at the stage.
        act.case.waiting_for.clear();
        repost_if_taken_down(&act.open.tx, &mut act.case).await?;
    } else if act.case.stage().is_before_confirmation() {
        rejection::reject(&mut act, None, &reason)?;
    } else {
        termination::terminate(&mut act, Some(Reason::OtherGround), &reason)?;
    }
    act.finish("case.resolve_referral", reason).await
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
