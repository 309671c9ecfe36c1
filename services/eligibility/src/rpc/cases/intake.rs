//! Taking a lodged case up, or not: F2, F3, I2.

use yuhui_platform::{
    Result,
    caller::Caller,
    refusal::{self, Violation},
};
use yuhui_policy::Decision;
use yuhui_proto::eligibility::v1 as pb;

use super::{look, seat};
use crate::{
    desk::{Command, Desk},
    domain::{Case, Step},
    evaluation::{Moment, Verdict},
    refusal::Refused,
    rpc::text,
    separation::own_stage,
    store::cases::Stored,
};

/// What lodging found against the claim may have passed meanwhile: it is looked at again.
async fn again(desk: &Desk, caller: &Caller, stored: &Stored) -> Result<Option<Verdict>> {
    if decision(&stored.case) != Some(Decision::NotAccepted) {
        return Ok(None);
    }
    let verdict = desk.judge(caller, stored, Moment::default()).await?;
    Ok(Some(verdict))
}

fn decision(case: &Case) -> Option<Decision> {
    case.outcome.as_ref().map(|it| it.found.decision)
}

/// F3, I2: originals seen, or completeness checked.
pub(super) async fn accept(
    desk: &Desk,
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
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let looked = look!(desk, command, Step::Accept);
    own_stage(caller, &looked.case)?;
    let verdict = again(desk, caller, &looked).await?;
    let mut sitting = seat!(desk, command, looked);
    sitting.step(Step::Accept)?;
    if let Some(verdict) = verdict {
        sitting.adopt(verdict).await?;
    }
    if let Some(outcome) = &sitting.case.outcome
        && outcome.found.decision == Decision::NotAccepted
    {
        return Err(Refused::rules_disagree(&sitting.case.name(), outcome).into());
    }
    for document in &mut sitting.case.documents {
        document.original_seen = true;
    }
    sitting.finish("case.accept", "").await
}

/// F2: wrong county, no standing, duplicate, as the rules found; nothing else is a ground.
pub(super) async fn refuse(
    desk: &Desk,
    caller: &Caller,
    ask: pb::RefuseCaseRequest,
) -> Result<pb::RefuseCaseResponse> {
    let case = refused(desk, caller, ask).await?;
    let stored = desk.look(caller, &case.name).await?;
    let competent = stored.case.outcome.and_then(|it| it.found.competent_county);
    Ok(pb::RefuseCaseResponse {
        case: Some(case),
        competent_county: competent.map(|it| it.to_string()).unwrap_or_default(),
    })
}

async fn refused(desk: &Desk, caller: &Caller, ask: pb::RefuseCaseRequest) -> Result<pb::Case> {
    let note = text::remark("note", &ask.note)?;
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let looked = look!(desk, command, Step::Refuse);
    own_stage(caller, &looked.case)?;
    let verdict = again(desk, caller, &looked).await?;
    let mut sitting = seat!(desk, command, looked);
    if let Some(verdict) = verdict {
        sitting.adopt(verdict).await?;
    }
    let case = &sitting.case;
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
    sitting.step(Step::Refuse)?;
    sitting.decide(|outcome| outcome.refuse(None, &note));
    sitting
        .finish("case.refuse", super::because(&reason, &note))
        .await
}
