//! Taking a lodged case up, or not: F2, F3, I2.

use yuhui_platform::{
    Result,
    caller::Caller,
    refusal::{self, Violation, not_found},
};
use yuhui_proto::{authz::v1::Level, eligibility::v1 as pb};

use super::seat;
use crate::{
    desk::{Desk, Sitting},
    domain::{Step, life::Kind},
    refusal::Refused,
};

/// Families are taken up by the village, institutions by the county.
fn own_intake(sitting: &Sitting) -> Result<()> {
    let level = match sitting.case.kind() {
        Kind::Family => Level::Village,
        Kind::Institution => Level::County,
    };
    if sitting.caller().level() == level {
        return Ok(());
    }
    Err(not_found(sitting.case.name()).into())
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
    let mut sitting = seat!(desk, caller, ask);
    sitting.step(Step::Accept)?;
    own_intake(&sitting)?;
    if let Some(outcome) = &sitting.case.outcome
        && outcome.decision == "NOT_ACCEPTED"
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
    let case = refused_case(desk, caller, ask).await?;
    let stored = desk.look(caller, &case.name).await?;
    let competent_county = stored
        .case
        .outcome
        .map(|it| it.competent_county)
        .unwrap_or_default();
    Ok(pb::RefuseCaseResponse {
        case: Some(case),
        competent_county,
    })
}

async fn refused_case(
    desk: &Desk,
    caller: &Caller,
    ask: pb::RefuseCaseRequest,
) -> Result<pb::Case> {
    let mut sitting = seat!(desk, caller, ask);
    sitting.step(Step::Refuse)?;
    own_intake(&sitting)?;
    let decision = sitting
        .case
        .outcome
        .as_ref()
        .map(|it| it.decision.clone())
        .unwrap_or_default();
    if decision != "NOT_ACCEPTED" {
        let case = sitting.case.name();
        return Err(Refused::NoGroundToRefuse { case, decision }.into());
    }
    let reason = sitting
        .case
        .outcome
        .as_ref()
        .map(|it| it.reason.clone())
        .unwrap_or_default();
    let note = if ask.note.is_empty() {
        reason
    } else {
        format!("{reason}: {}", ask.note)
    };
    sitting.finish("case.refuse", &note).await
}
