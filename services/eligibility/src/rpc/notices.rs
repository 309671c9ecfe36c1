//! NoticeService: posting, closing, and reading by anybody (C.5).

use tonic::{Request, Response, Status};
use yuhui_kernel::{DivisionCode, dates};
use yuhui_platform::{
    Result, audit,
    caller::{self, Caller},
    clock,
    db::Tx,
    idempotency::Key,
    paging::Page,
    refusal::{self, not_found},
};
use yuhui_policy::{Class, Programme, rules::dates as rules};
use yuhui_proto::eligibility::v1::{self as pb, notice_service_server::NoticeService};

use super::convert;
use crate::{
    desk::{self, Desk},
    domain::{
        Case, State, Step,
        notice::{Notice, NoticeLine, posted_state},
    },
    refusal::{Refused, required},
    store::{self, cases::Stored},
};

/// Cases one notice may carry.
const MAX_CASES: usize = 1000;

/// The service.
pub(crate) struct Notices(pub(crate) Desk);

#[tonic::async_trait]
impl NoticeService for Notices {
    async fn post_notice(
        &self,
        request: Request<pb::PostNoticeRequest>,
    ) -> Result<Response<pb::PostNoticeResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(post(&self.0, &caller, ask).await?))
    }

    async fn close_notice(
        &self,
        request: Request<pb::CloseNoticeRequest>,
    ) -> Result<Response<pb::CloseNoticeResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(close(&self.0, &caller, ask).await?))
    }

    async fn get_notice(
        &self,
        request: Request<pb::GetNoticeRequest>,
    ) -> Result<Response<pb::GetNoticeResponse>, Status> {
        let (_, ask) = caller::accept(request)?;
        let (tenant, id) = desk::parse_name(&ask.name, "notices")
            .ok_or_else(|| refusal::status(&not_found(&ask.name)))?;
        let tx = self.0.db.read(tenant).await?;
        let notice = store::notices::get(&tx, id).await?;
        let notice = notice.ok_or_else(|| refusal::status(&not_found(&ask.name)))?;
        Ok(Response::new(pb::GetNoticeResponse {
            notice: Some(convert::notice(&notice, true)),
        }))
    }

    async fn list_notices(
        &self,
        request: Request<pb::ListNoticesRequest>,
    ) -> Result<Response<pb::ListNoticesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(list(&self.0, &caller, ask).await?))
    }
}

/// F7, F10, F12: seven days from today, today not counted.
async fn post(
    desk: &Desk,
    caller: &Caller,
    ask: pb::PostNoticeRequest,
) -> Result<pb::PostNoticeResponse> {
    let tenant = desk::parse_parent(caller, &ask.parent)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let unit: DivisionCode = caller.unit.ok_or_else(|| not_found(&ask.parent))?;
    let state = posted_state(unit.level()).ok_or_else(|| not_found(&ask.parent))?;
    let tx = desk.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let posted = if ask.cases.is_empty() {
        store::cases::unposted(&tx, state, &unit.to_string()).await?
    } else {
        chosen(&tx, caller, &ask.cases, state).await?
    };
    if posted.is_empty() {
        return Err(Refused::NothingThere {
            what: "公示案件"
        }
        .into());
    }
    let today = desk.today();
    let notice = Notice {
        id: clock::fresh_id(),
        tenant,
        unit,
        posted_on: today,
        last_on: rules::notice_last_day(&desk.pack, desk.calendar, today),
        closed: false,
        proof: String::new(),
        posted_by: caller.account.clone(),
        lines: posted.iter().map(|it| line(&it.case)).collect(),
    };
    store::notices::insert(&tx, &notice).await?;
    for stored in posted {
        let before = stored.case.clone();
        let mut case = stored.case;
        case.notice = Some(notice.id);
        let now = desk.clock.now();
        let last = dates::format(notice.last_on);
        desk::save(
            &tx,
            caller,
            &before,
            &mut case,
            stored.sealed,
            None,
            now,
            "case.post",
            &last,
        )
        .await?;
    }
    let entry = audit::Entry::new("notice.post", &notice.name()).after(&notice.lines.len());
    audit::record(&tx, caller, desk.clock.now(), entry).await?;
    let answer = pb::PostNoticeResponse {
        notice: Some(convert::notice(&notice, true)),
    };
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

async fn chosen(tx: &Tx, caller: &Caller, names: &[String], state: State) -> Result<Vec<Stored>> {
    if names.len() > MAX_CASES {
        let what = refusal::Violation::new("cases", "每次最多 1000 件", "are at most 1000");
        return Err(refusal::invalid(vec![what]).into());
    }
    let mut ids = Vec::with_capacity(names.len());
    for name in names {
        let (_, id) = desk::parse_name(name, "cases").ok_or_else(|| not_found(name))?;
        ids.push(id);
    }
    let found = store::cases::named(tx, &ids).await?;
    for name in names {
        let stored = found
            .iter()
            .find(|it| it.case.name() == *name && desk::reaches(caller, &it.case));
        let case = &stored.ok_or_else(|| not_found(name))?.case;
        if case.state != state || case.notice.is_some() {
            return Err(Refused::CaseDoesNotFit {
                case: name.clone(),
                state: case.state,
            }
            .into());
        }
    }
    Ok(found)
}

/// F9, F11: after the last day, with proof of posting.
async fn close(
    desk: &Desk,
    caller: &Caller,
    ask: pb::CloseNoticeRequest,
) -> Result<pb::CloseNoticeResponse> {
    let (tenant, id) =
        desk::parse_name(&ask.name, "notices").ok_or_else(|| not_found(&ask.name))?;
    let tenant = caller.tenant_for(&tenant)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let tx = desk.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let mut notice = store::notices::get(&tx, id)
        .await?
        .filter(|it| caller.unit == Some(it.unit))
        .ok_or_else(|| not_found(&ask.name))?;
    if ask.proof.trim().is_empty() {
        return Err(refusal::invalid(vec![required("proof")]).into());
    }
    if notice.closed {
        return Err(refusal::aborted().into());
    }
    if !notice.is_over(desk.today()) {
        let last_on = dates::format(notice.last_on);
        return Err(Refused::NoticeNotOver {
            object: ask.name,
            last_on,
        }
        .into());
    }
    notice.closed = true;
    notice.proof.clone_from(&ask.proof);
    store::notices::close(&tx, &notice).await?;
    let mut moved = 0;
    for stored in store::cases::on_notice(&tx, notice.id).await? {
        let before = stored.case.clone();
        let mut case = stored.case;
        if Some(case.state) != posted_state(notice.unit.level()) {
            // Under inquiry, on hold or withdrawn: it moves when that ends.
            continue;
        }
        if case.state == State::CNotice {
            case.notice_over = true;
        } else {
            case.step(Step::CloseNotice)
                .map_err(|refused| Refused::WrongState {
                    case: before.name(),
                    refused,
                })?;
            case.notice = None;
        }
        moved += 1;
        let now = desk.clock.now();
        desk::save(
            &tx,
            caller,
            &before,
            &mut case,
            stored.sealed,
            None,
            now,
            "case.notice_over",
            &ask.proof,
        )
        .await?;
    }
    let entry = audit::Entry::new("notice.close", &notice.name()).reason(&ask.proof);
    audit::record(&tx, caller, desk.clock.now(), entry).await?;
    let answer = pb::CloseNoticeResponse {
        notice: Some(convert::notice(&notice, false)),
        moved,
    };
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

async fn list(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ListNoticesRequest,
) -> Result<pb::ListNoticesResponse> {
    let tenant = desk::parse_parent(caller, &ask.parent)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = desk.db.read(tenant).await?;
    let rows = store::notices::open(&tx, desk.today(), page.after(), page.limit() + 1).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.id.to_string());
    let notices = rows.iter().map(|it| convert::notice(it, false)).collect();
    Ok(pb::ListNoticesResponse {
        notices,
        next_page_token,
    })
}

fn line(case: &Case) -> NoticeLine {
    NoticeLine {
        case: case.id,
        claimant: case.claimant_name.clone(),
        division: case.unit,
        programme: case.programme,
        grounds: grounds(case),
        amount: case.amount(),
    }
}

/// Class, year or head-count, as printed on notices and rosters.
pub(crate) fn grounds(case: &Case) -> String {
    let outcome = case.outcome.as_ref();
    match case.programme {
        Programme::P1 => outcome
            .and_then(|it| Class::parse(&it.class))
            .map(Class::chinese)
            .unwrap_or_default()
            .into(),
        Programme::P2 => format!("{}年度", case.subsidy_year),
        Programme::P3 => {
            format!(
                "{}年度 {}人",
                case.subsidy_year,
                outcome.map_or(0, |it| it.headcount)
            )
        }
        Programme::P4 => "示范托育机构".into(),
    }
}
