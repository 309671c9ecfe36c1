//! Reviews at village, township and county: F7, F8, F10, F12, F13, I3–I5. The rules are run again
//! at every stage (R-PRC-8).

use yuhui_kernel::dates;
use yuhui_platform::{
    Result,
    caller::Caller,
    refusal::{self, Violation},
    unless_answered,
};
use yuhui_proto::eligibility::v1 as pb;

use super::because;
use crate::{
    clients::inspections,
    context::Context,
    convert::text,
    domain::{Case, Kind, State, Step, decision::Report, freshness::LASTS},
    evaluation::Moment,
    gate::Deed,
    refusal::{Refused, day},
    ritual::Command,
};

/// The investigator's report of the stage (五(三)6).
pub(crate) async fn report(
    context: &Context,
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
    let command = Command::new(
        (caller, Deed::Report),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let stored = unless_answered!(context.case_of(&command));
    let found = found_on_site(context, caller, &stored.case, &ask).await?;
    let verdict = context.judge(caller, &stored, Moment::default()).await?;
    let mut act = unless_answered!(context.begin_at(command, stored.case.revision));
    if verdict.outcome.is_contradicted() {
        return act.inquire(verdict).await;
    }
    if verdict.outcome.waits() && ask.agree {
        return act.wait(verdict).await;
    }
    act.step(Step::Report)?;
    act.adopt(verdict).await?;
    if ask.agree {
        must_pay(&act.case)?;
    }
    note.push_str(&found);
    act.case.report = Some(Report {
        by: act.hand(),
        agree: ask.agree,
    });
    let opinion = if ask.agree { "同意" } else { "不同意" };
    act.finish("case.report", because(opinion, &note)).await
}

/// I3: what was found on the premises of an institution, by the inspection that is cited or as it is stated.
async fn found_on_site(
    context: &Context,
    caller: &Caller,
    case: &Case,
    ask: &pb::ReportCaseRequest,
) -> Result<String> {
    if case.kind() == Kind::Family {
        return Ok(String::new());
    }
    if ask.inspection.is_empty() {
        return Ok(format!("（现场在托 {} 人）", ask.children_present));
    }
    let found = inspections::signed(context, caller, case, &ask.inspection).await?;
    let found = found.ok_or_else(|| refusal::not_found(&ask.inspection))?;
    let (on, present) = (found.inspected_on, found.children_present);
    Ok(format!(
        "（{on} 现场在托 {present} 人，{}）",
        ask.inspection
    ))
}

/// Village head or township lead signs the report; never who wrote it (DYN-1).
pub(crate) async fn sign(
    context: &Context,
    caller: &Caller,
    ask: pb::SignCaseRequest,
) -> Result<pb::Case> {
    let note = if ask.agree {
        text::remark("note", &ask.note)?
    } else {
        text::needed("note", &ask.note)?
    };
    let command = Command::new(
        (caller, Deed::Sign),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let mut act = unless_answered!(context.begin(command));
    let step = if ask.agree {
        Step::SignAgreeing
    } else {
        Step::SignDisagreeing
    };
    act.step(step)?;
    let case = &mut act.case;
    case.report = None;
    if ask.agree {
        must_pay(&act.case)?;
        answers_are_fresh(&act.case, act.today())?;
    }
    act.case.notice = None;
    let opinion = if ask.agree { "同意" } else { "不同意" };
    act.finish("case.sign", because(opinion, &note)).await
}

/// County maker: the rules say PAY, the case goes to its notice; again, with an explanation, if
/// what they say has changed since it was posted (R-PRC-8).
pub(crate) async fn review(
    context: &Context,
    caller: &Caller,
    ask: pb::ReviewCaseRequest,
) -> Result<pb::Case> {
    let mut note = text::remark("note", &ask.note)?;
    let command = Command::new(
        (caller, Deed::Review),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let stored = unless_answered!(context.case_of(&command));
    let verdict = context.judge(caller, &stored, Moment::default()).await?;
    let posted = stored.case.outcome.clone();
    let posted = posted.filter(|_| stored.case.state() == State::CNotice);
    let mut act = unless_answered!(context.begin_at(command, stored.case.revision));
    if verdict.outcome.is_contradicted() {
        return act.inquire(verdict).await;
    }
    if verdict.outcome.waits() {
        return act.wait(verdict).await;
    }
    act.step(Step::Review)?;
    // A refusal that was proposed before falls: the case goes on.
    act.case.proposal = None;
    act.adopt(verdict).await?;
    if let (Some(posted), Some(found)) = (&posted, &act.case.outcome)
        && found.pays()
        && !posted.same_result(found)
    {
        note = text::needed("note", &ask.note)?;
    }
    must_pay(&act.case)?;
    act.case.reviewed_by = Some(act.hand());
    act.case.notice = None;
    act.case.notice_over = false;
    act.finish("case.review", note).await
}

/// County checker: notice over, rules and hukou checked again on the day (F13, R-TER).
pub(crate) async fn confirm(
    context: &Context,
    caller: &Caller,
    ask: pb::ConfirmCaseRequest,
) -> Result<pb::Case> {
    let note = text::remark("note", &ask.note)?;
    let command = Command::new(
        (caller, Deed::Confirm),
        &ask.name,
        &ask.etag,
        &ask.request_id,
        &ask,
    )?;
    let stored = unless_answered!(context.case_of(&command));
    let today = context.today();
    let moment = Moment {
        confirmed_on: Some(today),
        ..Moment::default()
    };
    let verdict = context.judge(caller, &stored, moment).await?;
    let mut act = unless_answered!(context.begin_at(command, stored.case.revision));
    if verdict.outcome.is_contradicted() {
        return act.inquire(verdict).await;
    }
    if verdict.outcome.waits() {
        return act.wait(verdict).await;
    }
    act.step(Step::Confirm)?;
    act.case.proposal = None;
    let posted = act.case.outcome.clone();
    act.adopt(verdict).await?;
    must_pay(&act.case)?;
    if let (Some(posted), Some(found)) = (&posted, &act.case.outcome)
        && !posted.same_result(found)
    {
        return Err(Refused::ResultChanged {
            case: act.case.name(),
        }
        .into());
    }
    act.case.confirmed_on = Some(today);
    act.case.confirmed_by = Some(act.hand());
    act.decide(|_| {});
    act.finish("case.confirm", note).await
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
