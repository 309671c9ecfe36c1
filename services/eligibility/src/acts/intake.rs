//! Taking a lodged case up, or not: F2, F3, I2.

use yuhui_platform::{
    Result,
    caller::Caller,
    refusal::{self, Violation},
    unless_answered,
};
use yuhui_policy::Decision;
use yuhui_proto::eligibility::v1 as pb;

use super::because;
use crate::{
    context::Context,
    convert::text,
    domain::{Case, Step},
    evaluation::{Moment, Verdict},
    gate::Deed,
    refusal::Refused,
    ritual::Command,
    store::cases::Stored,
};

/// What lodging found against the claim may have passed meanwhile: it is looked at again.
async fn again(context: &Context, caller: &Caller, stored: &Stored) -> Result<Option<Verdict>> {
    if decision(&stored.case) != Some(Decision::NotAccepted) {
        return Ok(None);
    }
    let verdict = context.judge(caller, stored, Moment::default()).await?;
    Ok(Some(verdict))
}

fn decision(case: &Case) -> Option<Decision> {
    case.outcome.as_ref().map(|it| it.found.decision)
}

/// F3, I2: originals seen, or completeness checked.
pub(crate) async fn accept(
    context: &Context,
    caller: &Caller,
    ask: pb::AcceptCaseRequest,
) -> Result<pb::Case> {
    if !ask.originals_seen {
        let what = Violation::new(
            "originals_seen",
            "须核对原件",
            "originals must have been compared",
        );
        return Err(refusal::invalid(vec![what]).into());
    }
    let command = Command::new(
        (caller, Deed::Accept),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let stored = unless_answered!(context.case_of(&command));
    let verdict = again(context, caller, &stored).await?;
    let mut act = unless_answered!(context.begin_at(command, stored.case.revision));
    act.step(Step::Accept)?;
    if let Some(verdict) = verdict {
        act.adopt(verdict).await?;
    }
    if let Some(outcome) = &act.case.outcome
        && outcome.found.decision == Decision::NotAccepted
    {
        return Err(Refused::rules_disagree(&act.case.name(), outcome).into());
    }
    for document in &mut act.case.documents {
        document.original_seen = true;
    }
    act.finish("case.accept", "").await
}

/// F2: wrong county, no standing, duplicate, as the rules found; nothing else is a ground.
pub(crate) async fn refuse(
    context: &Context,
    caller: &Caller,
    ask: pb::RefuseCaseRequest,
) -> Result<pb::RefuseCaseResponse> {
    let case = refused(context, caller, ask).await?;
    let stored = context.case(caller, &case.name).await?;
    let competent = stored.case.outcome.and_then(|it| it.found.competent_county);
    Ok(pb::RefuseCaseResponse {
        case: Some(case),
        competent_county: competent.map(|it| it.to_string()).unwrap_or_default(),
    })
}

async fn refused(
    context: &Context,
    caller: &Caller,
    ask: pb::RefuseCaseRequest,
) -> Result<pb::Case> {
    let note = text::remark("note", &ask.note)?;
    let command = Command::new(
        (caller, Deed::Refuse),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let stored = unless_answered!(context.case_of(&command));
    let verdict = again(context, caller, &stored).await?;
    let mut act = unless_answered!(context.begin_at(command, stored.case.revision));
    if let Some(verdict) = verdict {
        act.adopt(verdict).await?;
    }
    let case = &act.case;
    let Some(outcome) = case
        .outcome
        .as_ref()
        .filter(|it| it.found.decision == Decision::NotAccepted)
    else {
        let decision = decision(case).map_or("", Decision::code);
        return Err(Refused::NoGroundToRefuse {
            case: case.name(),
            decision,
        }
        .into());
    };
    let reason = outcome.found.reason.map_or("", |it| it.code()).to_owned();
    act.step(Step::Refuse)?;
    act.decide(|outcome| outcome.refuse(None, &note));
    act.finish("case.refuse", because(&reason, &note)).await
}
