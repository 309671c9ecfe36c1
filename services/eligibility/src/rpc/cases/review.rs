//! Reviews at village, township and county: F7, F8, F10, F12, F13, I3–I5. The rules are run again
//! at every stage (R-PRC-8).

use yuhui_kernel::dates;
use yuhui_platform::{
    Result,
    caller::Caller,
    refusal::{self, Violation},
};
use yuhui_proto::eligibility::v1 as pb;

use super::{look, seat};
use crate::{
    desk::{Command, Desk},
    domain::{Case, Kind, State, Step, decision::Report, freshness::LASTS},
    evaluation::Moment,
    refusal::{Refused, day},
    rpc::text,
    separation::own_stage,
};

/// The investigator's report of the stage (五(三)6).
pub(super) async fn report(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ReportCaseRequest,
) -> Result<pb::Case> {
    let mut note = if ask.agree {
        text::remark("note", &ask.note)?
    } else {
        // 对不符合…的家庭要注明情况.
        text::needed("note", &ask.note)?
    };
    if ask.children_present < 0 {
        let what = Violation::new("children_present", "不得为负数", "must not be negative");
        return Err(refusal::invalid(vec![what]).into());
    }
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let looked = look!(desk, command, Step::Report);
    own_stage(caller, &looked.case)?;
    let verdict = desk.judge(caller, &looked, Moment::default()).await?;
    let mut sitting = seat!(desk, command, looked);
    if verdict.outcome.is_contradicted() {
        return sitting.inquire(verdict).await;
    }
    if verdict.outcome.waits() && ask.agree {
        sitting.allows(Step::Report)?;
        return sitting.wait(verdict).await;
    }
    sitting.step(Step::Report)?;
    sitting.adopt(verdict).await?;
    if ask.agree {
        must_pay(&sitting.case)?;
    }
    if sitting.case.kind() == Kind::Institution {
        note = format!("{note}（现场在托 {} 人）", ask.children_present);
    }
    sitting.case.report = Some(Report {
        by: sitting.hand(),
        agree: ask.agree,
    });
    let opinion = if ask.agree { "同意" } else { "不同意" };
    sitting
        .finish("case.report", super::because(opinion, &note))
        .await
}

/// Village head or township lead signs the report; never who wrote it (DYN-1).
pub(super) async fn sign(
    desk: &Desk,
    caller: &Caller,
    ask: pb::SignCaseRequest,
) -> Result<pb::Case> {
    let note = if ask.agree {
        text::remark("note", &ask.note)?
    } else {
        text::needed("note", &ask.note)?
    };
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let mut sitting = seat!(desk, command);
    let step = if ask.agree {
        Step::SignAgreeing
    } else {
        Step::SignDisagreeing
    };
    sitting.allows(step)?;
    sitting.own_stage()?;
    sitting.step(step)?;
    let case = &mut sitting.case;
    let report = case
        .report
        .take()
        .ok_or_else(|| Refused::NoReport { case: case.name() })?;
    sitting.not_the_maker(&report.by)?;
    if ask.agree {
        must_pay(&sitting.case)?;
        answers_are_fresh(&sitting.case, sitting.today())?;
    }
    sitting.case.notice = None;
    let opinion = if ask.agree { "同意" } else { "不同意" };
    sitting
        .finish("case.sign", super::because(opinion, &note))
        .await
}

/// County maker: the rules say PAY, the case goes to its notice; again, with an explanation, if
/// what they say has changed since it was posted (R-PRC-8).
pub(super) async fn review(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ReviewCaseRequest,
) -> Result<pb::Case> {
    let mut note = text::remark("note", &ask.note)?;
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let looked = look!(desk, command, Step::Review);
    let verdict = desk.judge(caller, &looked, Moment::default()).await?;
    let posted = looked.case.outcome.clone();
    let posted = posted.filter(|_| looked.case.state() == State::CNotice);
    let mut sitting = seat!(desk, command, looked);
    if verdict.outcome.is_contradicted() {
        return sitting.inquire(verdict).await;
    }
    if verdict.outcome.waits() {
        return sitting.wait(verdict).await;
    }
    sitting.step(Step::Review)?;
    sitting.no_proposal_waits()?;
    sitting.adopt(verdict).await?;
    if let (Some(posted), Some(found)) = (&posted, &sitting.case.outcome)
        && found.pays()
        && !posted.same_result(found)
    {
        note = text::needed("note", &ask.note)?;
    }
    must_pay(&sitting.case)?;
    sitting.case.reviewed_by = Some(sitting.hand());
    sitting.case.notice = None;
    sitting.case.notice_over = false;
    sitting.finish("case.review", note).await
}

/// County checker: notice over, rules and hukou checked again on the day (F13, R-TER).
pub(super) async fn confirm(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ConfirmCaseRequest,
) -> Result<pb::Case> {
    let note = text::remark("note", &ask.note)?;
    let command = Command::new(caller, &ask.name, &ask.etag, &ask.request_id, &ask)?;
    let looked = look!(desk, command, Step::Confirm);
    if !looked.case.notice_over {
        return Err(Refused::NoticeMissing {
            case: looked.case.name(),
        }
        .into());
    }
    let today = desk.today();
    let moment = Moment {
        confirmed_on: Some(today),
        ..Moment::default()
    };
    let verdict = desk.judge(caller, &looked, moment).await?;
    let mut sitting = seat!(desk, command, looked);
    if verdict.outcome.is_contradicted() {
        return sitting.inquire(verdict).await;
    }
    if verdict.outcome.waits() {
        return sitting.wait(verdict).await;
    }
    sitting.step(Step::Confirm)?;
    if let Some(reviewer) = &sitting.case.reviewed_by {
        sitting.not_the_maker(reviewer)?;
    }
    sitting.no_proposal_waits()?;
    let posted = sitting.case.outcome.clone();
    sitting.adopt(verdict).await?;
    must_pay(&sitting.case)?;
    if let (Some(posted), Some(found)) = (&posted, &sitting.case.outcome)
        && !posted.same_result(found)
    {
        return Err(Refused::ResultChanged {
            case: sitting.case.name(),
        }
        .into());
    }
    sitting.case.confirmed_on = Some(today);
    sitting.case.confirmed_by = Some(sitting.hand());
    sitting.decide(|_| {});
    sitting.finish("case.confirm", note).await
}

/// Nobody agrees to what the rules refuse.
fn must_pay(case: &Case) -> Result<()> {
    match &case.outcome {
        Some(outcome) if outcome.waits() || !case.waiting_for.is_empty() => {
            Err(Refused::waiting(case, outcome).into())
        }
        Some(outcome) if outcome.pays() => Ok(()),
        Some(outcome) => Err(Refused::rules_disagree(&case.name(), outcome).into()),
        None => Err(Refused::NoReport { case: case.name() }.into()),
    }
}

fn answers_are_fresh(case: &Case, today: time::Date) -> Result<()> {
    let Some(outcome) = &case.outcome else {
        return Ok(());
    };
    if dates::add_days(outcome.evaluated_on, LASTS) >= today {
        return Ok(());
    }
    let evaluated_on = day(outcome.evaluated_on);
    Err(Refused::AnswersTooOld {
        case: case.name(),
        evaluated_on,
    }
    .into())
}
