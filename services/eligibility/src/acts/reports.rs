//! Objections and reports of the public: made, taken up, answered (F26, R-PRC-11, 七2).

use uuid::Uuid;
use yuhui_kernel::{DivisionCode, DivisionLevel, Tenant};
use yuhui_platform::{
    Result, audit,
    caller::Caller,
    clock,
    db::Tx,
    form::Form,
    idempotency::Key,
    refusal::{self, Violation, not_found},
    unless_answered,
};
use yuhui_proto::portal::v1 as pb;

use super::public_codes::give;
use crate::{
    context::Context,
    convert::{self, text},
    domain::{
        State, Step,
        report::{Deed, Report, ReportKind, ReportState, Said},
    },
    gate, names,
    reads::portal::reports::is_addressed_to,
    refusal::{day, portal::NotHeard, required},
    ritual::{CaseAct, Command},
    separation::{conflict, hand},
    store::{self, reports::Heard},
};

/// What a report is about.
struct About {
    unit: DivisionCode,
    notice: Option<Uuid>,
    case: Option<Uuid>,
}

/// Anybody objects or reports. Whoever is signed in does so as nobody: no record tells who it was, nor from where.
pub(crate) async fn submit(
    context: &Context,
    caller: &Caller,
    ask: pb::SubmitReportRequest,
) -> Result<pb::SubmitReportResponse> {
    let tenant = names::parse_parent(caller, &ask.parent)?;
    let kind = convert::portal::domain_kind(ask.kind());
    let kind = kind.ok_or_else(|| refusal::invalid(vec![required("kind")]))?;
    let said = Said {
        words: text::needed("words", &ask.words)?,
        contact: text::remark("contact", &ask.contact)?,
        answer: String::new(),
    };
    let nobody = Caller {
        method: caller.method.clone(),
        ..Caller::public()
    };
    let key = Key::new(&nobody, &ask.request_id, &ask)?;
    let act = unless_answered!(context.open_act(&nobody, tenant, key));
    let about = about(context, &act.tx, tenant, kind, &ask).await?;
    let today = context.today();
    let law = context.law();
    let report = Report {
        tenant,
        id: clock::fresh_id(),
        revision: 1,
        kind,
        state: ReportState::Waiting,
        unit: about.unit,
        notice: about.notice,
        line: ask.line,
        case: about.case,
        has_contact: !said.contact.is_empty(),
        submitted_on: today,
        answer_by: law.year().answer_by(today),
        admitted: None,
        answered: None,
    };
    store::reports::insert(&act.tx, &report, &said).await?;
    let tracking_number = report.tracking_number();
    let code = give(context, &act.tx, &tracking_number, report.id).await?;
    let entry = audit::Entry::new("report.submit", report.name());
    act.record(entry.aside()).await?;
    act.finish(pb::SubmitReportResponse {
        tracking_number,
        code,
        answer_by_on: day(report.answer_by),
    })
    .await
}

/// What is named must be there, and what is objected to in force (C.5).
async fn about(
    context: &Context,
    tx: &Tx,
    tenant: Tenant,
    kind: ReportKind,
    ask: &pb::SubmitReportRequest,
) -> Result<About> {
    if ask.notice.is_empty() {
        let unit = addressee(tenant, kind, ask)?;
        return Ok(About {
            unit,
            notice: None,
            case: None,
        });
    }
    let named = names::parse_name(&ask.notice, "notices").filter(|it| it.0 == tenant);
    let (_, id) = named.ok_or_else(|| not_found(&ask.notice))?;
    // Whoever closes it waits, or comes first.
    let notice = store::notices::locked(tx, id).await?;
    let notice = notice.ok_or_else(|| not_found(&ask.notice))?;
    if kind == ReportKind::Objection && !notice.is_in_force(context.today()) {
        return Err(NotHeard::NotInForce {
            last_on: day(notice.last_on),
            notice: notice.name(),
        }
        .into());
    }
    let place = usize::try_from(ask.line)
        .ok()
        .and_then(|it| it.checked_sub(1));
    let line = place.and_then(|it| notice.lines.get(it));
    if place.is_some() && line.is_none() {
        let wrong = Violation::new("line", "公示中没有该序号", "is no line of the notice");
        return Err(refusal::invalid(vec![wrong]).into());
    }
    Ok(About {
        unit: notice.unit,
        notice: Some(id),
        case: line.map(|it| it.case),
    })
}

/// To whom a report goes that names no notice.
fn addressee(
    tenant: Tenant,
    kind: ReportKind,
    ask: &pb::SubmitReportRequest,
) -> Result<DivisionCode> {
    let mut form = Form::default();
    if kind == ReportKind::Objection {
        form.refuse("notice", "必填", "is required");
    }
    if ask.line != 0 {
        form.refuse("line", "须同时指明公示", "needs the notice that it is of");
    }
    let unit = match ask.unit.as_str() {
        "" => Some(tenant.code()),
        unit => unit.parse().ok(),
    };
    let levels = [
        DivisionLevel::Village,
        DivisionLevel::Township,
        DivisionLevel::County,
    ];
    let unit = unit.filter(|it| tenant.code().contains(it) && levels.contains(&it.level()));
    if unit.is_none() {
        form.refuse(
            "unit",
            "须为本旗县区的嘎查村（居）或苏木乡镇（街道）",
            "must be a village or township of the county",
        );
    }
    form.finish()?;
    Ok(unit.unwrap_or(tenant.code()))
}

/// An office takes a report up. One about a case stops it, as an objection that is recorded at the counter does (F26);
/// what the law does not let be stopped, as it is paid or over, or is looked into already, is looked into as it is.
pub(crate) async fn admit(
    context: &Context,
    caller: &Caller,
    ask: pb::AdmitReportRequest,
) -> Result<pb::AdmitReportResponse> {
    let (tenant, id) = names::parse_own(caller, &ask.name, "reports")?;
    let found = {
        let tx = context.db.read(tenant).await?;
        store::reports::get(&tx, id).await?
    };
    let found = found.filter(|(it, _)| is_addressed_to(caller, it));
    let (report, _) = found.ok_or_else(|| not_found(&ask.name))?;
    if let Some(case) = report.case_name() {
        return admit_on_case(context, caller, &ask, id, &case).await;
    }
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    let (mut report, said) = waiting(&act.tx, id, &ask.name).await?;
    report.admit(deed(context, caller));
    store::reports::update(&act.tx, &report, &said).await?;
    act.record(audit::Entry::new("report.admit", report.name()))
        .await?;
    act.finish(pb::AdmitReportResponse {
        report: Some(convert::portal::report(&report, Some(&said))),
    })
    .await
}

async fn admit_on_case(
    context: &Context,
    caller: &Caller,
    ask: &pb::AdmitReportRequest,
    id: Uuid,
    case: &str,
) -> Result<pb::AdmitReportResponse> {
    let command = Command::new(
        (caller, gate::Deed::AdmitReport),
        case,
        "",
        &ask.request_id,
        ask,
    )?;
    let mut act: CaseAct<'_> = unless_answered!(context.begin_answering(command));
    let (mut report, said) = waiting(&act.open.tx, id, &ask.name).await?;
    // Supervision ends a hold, and then the objection is looked into.
    let case = &act.case;
    let stops = case.place.allows(Step::Object, case.kind()).is_ok();
    if case.state() == State::Hold || stops {
        act.step(Step::Object)?;
        act.case.cleared_on = None;
    }
    report.admit(deed(context, caller));
    store::reports::update(&act.open.tx, &report, &said).await?;
    let entry = audit::Entry::new("report.admit", report.name()).note(act.case.name());
    act.open.record(entry).await?;
    let answer = pb::AdmitReportResponse {
        report: Some(convert::portal::report(&report, Some(&said))),
    };
    act.finish_with("case.object", report.name(), |_| answer)
        .await
}

/// An office answers: once, and for good.
pub(crate) async fn answer(
    context: &Context,
    caller: &Caller,
    ask: pb::AnswerReportRequest,
) -> Result<pb::AnswerReportResponse> {
    let (tenant, id) = names::parse_own(caller, &ask.name, "reports")?;
    let answer = text::needed("answer", &ask.answer)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let relatives = context.relatives(caller, tenant).await;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    let found = store::reports::locked(&act.tx, id).await?;
    let found = found.filter(|(it, _)| is_addressed_to(caller, it));
    let (mut report, mut said) = found.ok_or_else(|| not_found(&ask.name))?;
    refusal::seen(&ask.etag, &report.etag())?;
    if report.state == ReportState::Answered {
        return Err(not_in_state(&report, "WAITING,ADMITTED").into());
    }
    if report.must_be_admitted() {
        return Err(NotHeard::NotAdmitted { report: ask.name }.into());
    }
    if let Some(case) = report.case
        && let Some(stored) = store::cases::get(&act.tx, case).await?
    {
        conflict(caller, &relatives?, &stored.case)?;
        if stored.case.state() == State::Inquiry {
            let case = stored.case.name();
            return Err(NotHeard::InquiryOpen {
                report: ask.name,
                case,
            }
            .into());
        }
    }
    said.answer = answer;
    report.answer(deed(context, caller));
    store::reports::update(&act.tx, &report, &said).await?;
    act.record(audit::Entry::new("report.answer", report.name()))
        .await?;
    act.finish(pb::AnswerReportResponse {
        report: Some(convert::portal::report(&report, Some(&said))),
    })
    .await
}

/// Discipline inspection is told how to reach who made a report; that it was, is on record.
pub(crate) async fn reveal(
    context: &Context,
    caller: &Caller,
    ask: pb::RevealContactRequest,
) -> Result<pb::RevealContactResponse> {
    let (tenant, id) = names::parse_own(caller, &ask.name, "reports")?;
    let purpose = text::needed("purpose", &ask.purpose)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    let found = store::reports::get(&act.tx, id).await?;
    let (report, said) = found.ok_or_else(|| not_found(&ask.name))?;
    let entry = audit::Entry::new("report.reveal_contact", report.name());
    act.record(entry.reason(purpose)).await?;
    let contact = said.contact;
    act.finish(pb::RevealContactResponse { contact }).await
}

/// A report that nobody has taken up, locked.
async fn waiting(tx: &Tx, id: Uuid, name: &str) -> Result<Heard> {
    let found = store::reports::locked(tx, id).await?;
    let (report, said) = found.ok_or_else(|| not_found(name))?;
    if report.state != ReportState::Waiting {
        return Err(not_in_state(&report, "WAITING").into());
    }
    Ok((report, said))
}

fn not_in_state(report: &Report, allowed: &'static str) -> NotHeard {
    NotHeard::ReportState {
        report: report.name(),
        state: report.state.as_str(),
        allowed,
    }
}

fn deed(context: &Context, caller: &Caller) -> Deed {
    Deed {
        by: hand(caller),
        on: context.today(),
    }
}
