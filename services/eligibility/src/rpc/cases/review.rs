//! Reviews at village, township and county: F7, F8, F10, F12, F13, I3–I5. The rules are run again
//! at every stage (R-PRC-8).

use yuhui_platform::{Result, caller::Caller, refusal};
use yuhui_proto::eligibility::v1 as pb;

use super::seat;
use crate::{
    desk::Desk,
    domain::{Case, Step, case::Report, life::Kind},
    evaluation::Moment,
    refusal::{Refused, required},
};

/// The investigator's report of the stage (五(三)6).
pub(super) async fn report(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ReportCaseRequest,
) -> Result<pb::Case> {
    if !ask.agree && ask.note.trim().is_empty() {
        return Err(refusal::invalid(vec![required("note")]).into());
    }
    let looked = desk.look(caller, &ask.name).await?;
    let verdict = desk.judge(caller, &looked.case, Moment::default()).await?;
    let mut sitting = seat!(desk, caller, ask);
    sitting.step(Step::Report)?;
    sitting.own_stage()?;
    sitting.one_level_only().await?;
    sitting.adopt(verdict)?;
    if ask.agree {
        must_pay(&sitting.case)?;
    }
    let mut note = ask.note.clone();
    if sitting.case.kind() == Kind::Institution {
        note = format!("{note}（现场在托 {} 人）", ask.children_present);
    }
    sitting.case.report = Some(Report {
        by: caller.account.clone(),
        agree: ask.agree,
        note: note.clone(),
    });
    sitting.finish("case.report", &note).await
}

/// Village head or township lead signs the report; never who wrote it (DYN-1).
pub(super) async fn sign(
    desk: &Desk,
    caller: &Caller,
    ask: pb::SignCaseRequest,
) -> Result<pb::Case> {
    let mut sitting = seat!(desk, caller, ask);
    sitting.own_stage()?;
    sitting.one_level_only().await?;
    let case = sitting.case.name();
    let step = if ask.agree {
        Step::SignAgreeing
    } else {
        Step::SignDisagreeing
    };
    let report = sitting.case.report.take();
    sitting.step(step)?;
    let report = report.ok_or(Refused::NoReport { case })?;
    sitting.not_the_maker(&report.by)?;
    if ask.agree {
        must_pay(&sitting.case)?;
    } else if ask.note.trim().is_empty() {
        return Err(refusal::invalid(vec![required("note")]).into());
    }
    sitting.case.notice = None;
    sitting.finish("case.sign", &ask.note).await
}

/// County maker: the rules say PAY, the case goes to its notice.
pub(super) async fn review(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ReviewCaseRequest,
) -> Result<pb::Case> {
    let looked = desk.look(caller, &ask.name).await?;
    let verdict = desk.judge(caller, &looked.case, Moment::default()).await?;
    let mut sitting = seat!(desk, caller, ask);
    sitting.step(Step::Review)?;
    sitting.one_level_only().await?;
    sitting.adopt(verdict)?;
    must_pay(&sitting.case)?;
    sitting.case.county_hands = vec![caller.account.clone()];
    sitting.case.notice = None;
    sitting.case.notice_over = false;
    sitting.finish("case.review", &ask.note).await
}

/// County checker: notice over, rules and hukou checked again on the day (F13, R-TER).
pub(super) async fn confirm(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ConfirmCaseRequest,
) -> Result<pb::Case> {
    let today = desk.today();
    let moment = Moment {
        confirmed_on: Some(today),
        ..Moment::default()
    };
    let looked = desk.look(caller, &ask.name).await?;
    let verdict = desk.judge(caller, &looked.case, moment).await?;
    let mut sitting = seat!(desk, caller, ask);
    sitting.step(Step::Confirm)?;
    sitting.one_level_only().await?;
    for hand in &sitting.case.county_hands {
        sitting.not_the_maker(hand)?;
    }
    if !sitting.case.notice_over {
        return Err(Refused::NoticeMissing {
            case: sitting.case.name(),
        }
        .into());
    }
    sitting.adopt(verdict)?;
    must_pay(&sitting.case)?;
    sitting.case.confirmed_on = Some(today);
    sitting.case.county_hands.push(caller.account.clone());
    sitting.case.proposal = None;
    sitting.finish("case.confirm", &ask.note).await
}

/// Nobody agrees to what the rules refuse.
pub(super) fn must_pay(case: &Case) -> Result<()> {
    match &case.outcome {
        Some(outcome) if outcome.pays() => Ok(()),
        Some(outcome) => Err(Refused::rules_disagree(&case.name(), outcome).into()),
        None => Err(Refused::NoReport { case: case.name() }.into()),
    }
}
