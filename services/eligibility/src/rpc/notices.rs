//! NoticeService: posting, closing, and reading by anybody (C.5).

use serde_json::json;
use tonic::{Request, Response, Status};
use yuhui_kernel::{DivisionCode, Tenant};
use yuhui_platform::{
    Result, audit,
    caller::{self, Caller},
    clock,
    db::Tx,
    idempotency::Key,
    paging::Page,
    refusal::{self, not_found},
    relatives::Relatives,
};
use yuhui_policy::rules::dates as rules;
use yuhui_proto::{
    authz::v1::Power,
    eligibility::v1::{self as pb, notice_service_server::NoticeService},
};

use super::{convert, text};
use crate::{
    desk::{self, Desk},
    domain::{
        State, Step,
        notice::{Notice, NoticeLine, posted_state},
    },
    record::{Act, Change},
    refusal::{Refused, day},
    separation::{conflict, hand, reaches},
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
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(get(&self.0, &caller, &ask).await?))
    }

    async fn list_notices(
        &self,
        request: Request<pb::ListNoticesRequest>,
    ) -> Result<Response<pb::ListNoticesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(list(&self.0, &caller, &ask).await?))
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
    let today = desk.today();
    let pack = desk.pack_on(today).await?;
    let relatives = desk.relatives(caller, tenant).await;
    let tx = desk.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let relatives = relatives?;
    let posted = if ask.cases.is_empty() {
        let limit = u64::try_from(MAX_CASES).unwrap_or(u64::MAX);
        let mut all = store::cases::unposted(&tx, state, &unit.to_string(), limit).await?;
        all.retain(|it| conflict(caller, &relatives, &it.case).is_ok());
        all
    } else {
        chosen(&tx, caller, &relatives, &ask.cases, state).await?
    };
    if posted.is_empty() {
        return Err(Refused::NothingThere { parent: ask.parent }.into());
    }
    let notice = Notice {
        id: clock::fresh_id(),
        tenant,
        unit,
        posted_on: today,
        last_on: rules::notice_last_day(&pack, desk.calendar, today),
        closed: false,
        closed_on: None,
        proof: String::new(),
        posted_by: caller.account.clone(),
        lines: posted.iter().map(|it| NoticeLine::of(&it.case)).collect(),
    };
    let claimants = posted.iter().map(|it| Ok(desk.open(it)?.claimant_name));
    let claimants: Vec<_> = claimants.collect::<Result<_>>()?;
    store::notices::insert(&tx, &notice, &claimants).await?;
    let changes = posted.into_iter().map(|stored| {
        let mut change = Change::of(stored.case);
        change.after.notice = Some(notice.id);
        change.reason = notice.name();
        change
    });
    let act = Act {
        tx: &tx,
        caller,
        now: desk.clock.now(),
        action: "case.post",
    };
    let entry = audit::Entry::new("notice.post", notice.name());
    let until = json!({ "posted_on": day(today), "last_on": day(notice.last_on) });
    act.write_all(entry, until, changes.collect(), Vec::new())
        .await?;
    let answer = pb::PostNoticeResponse {
        notice: Some(convert::notice(&notice, claimants)),
    };
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

async fn chosen(
    tx: &Tx,
    caller: &Caller,
    relatives: &Relatives,
    names: &[String],
    state: State,
) -> Result<Vec<Stored>> {
    if names.len() > MAX_CASES {
        let what = refusal::Violation::new("cases", "每次最多 1000 件", "are at most 1000");
        return Err(refusal::invalid(vec![what]).into());
    }
    let mut ids = Vec::with_capacity(names.len());
    for name in names {
        let parsed = desk::parse_name(name, "cases").filter(|it| Some(it.0) == tx.tenant().ok());
        ids.push(parsed.ok_or_else(|| not_found(name))?.1);
    }
    ids.sort_unstable();
    ids.dedup();
    let found = store::cases::named(tx, &ids).await?;
    for (place, id) in ids.iter().enumerate() {
        let stored = found
            .get(place)
            .filter(|it| it.case.id == *id && reaches(caller, &it.case));
        let Some(stored) = stored else {
            let named = names.iter().find(|it| it.ends_with(&id.to_string()));
            return Err(not_found(named.map_or("", String::as_str)).into());
        };
        let case = &stored.case;
        if case.state() != state || case.notice.is_some() {
            return Err(Refused::CaseDoesNotFit {
                case: case.name(),
                state: case.state(),
            }
            .into());
        }
        conflict(caller, relatives, case)?;
    }
    Ok(found)
}

/// F9, F11: after the last day, with proof of posting.
async fn close(
    desk: &Desk,
    caller: &Caller,
    ask: pb::CloseNoticeRequest,
) -> Result<pb::CloseNoticeResponse> {
    let proof = text::needed("proof", &ask.proof)?;
    let (tenant, id) =
        desk::parse_name(&ask.name, "notices").ok_or_else(|| not_found(&ask.name))?;
    let tenant = caller
        .tenant_for(&tenant)
        .map_err(|_| not_found(&ask.name))?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let relatives = desk.relatives(caller, tenant).await;
    let tx = desk.db.begin(tenant).await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let relatives = relatives?;
    let mut notice = store::notices::locked(&tx, id)
        .await?
        .filter(|it| caller.unit == Some(it.unit))
        .ok_or_else(|| not_found(&ask.name))?;
    if notice.closed {
        return Err(Refused::NoticeClosed { notice: ask.name }.into());
    }
    if !notice.is_over(desk.today()) {
        let last_on = day(notice.last_on);
        return Err(Refused::NoticeNotOver {
            notice: ask.name,
            last_on,
        }
        .into());
    }
    notice.closed = true;
    notice.closed_on = Some(desk.today());
    notice.proof.clone_from(&proof);
    store::notices::close(&tx, &notice).await?;
    let me = hand(caller);
    let mut changes = Vec::new();
    for stored in store::cases::on_notice(&tx, notice.id).await? {
        if Some(stored.case.state()) != posted_state(notice.unit.level()) {
            // Under inquiry, on hold or withdrawn: it is posted anew when that ends.
            continue;
        }
        conflict(caller, &relatives, &stored.case)?;
        let mut change = Change::of(stored.case);
        let case = &mut change.after;
        if case.state() == State::CNotice {
            case.notice_over = true;
        } else {
            case.step(Step::CloseNotice, &me)
                .map_err(|refused| Refused::WrongState {
                    case: case.name(),
                    refused,
                })?;
            case.notice = None;
        }
        change.reason = notice.name();
        changes.push(change);
    }
    let moved = i32::try_from(changes.len()).unwrap_or(i32::MAX);
    let act = Act {
        tx: &tx,
        caller,
        now: desk.clock.now(),
        action: "case.notice_over",
    };
    let entry = audit::Entry::new("notice.close", notice.name()).reason(proof);
    act.write_all(entry, json!({ "closed": true }), changes, Vec::new())
        .await?;
    let answer = pb::CloseNoticeResponse {
        notice: Some(convert::notice(&notice, Vec::new())),
        moved,
    };
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Anybody reads a notice while it hangs; afterwards its names are the offices' alone.
async fn get(
    desk: &Desk,
    caller: &Caller,
    ask: &pb::GetNoticeRequest,
) -> Result<pb::GetNoticeResponse> {
    let (tenant, id) =
        desk::parse_name(&ask.name, "notices").ok_or_else(|| not_found(&ask.name))?;
    let tx = desk.db.read(tenant).await?;
    let notice = store::notices::get(&tx, id)
        .await?
        .ok_or_else(|| not_found(&ask.name))?;
    let claimants = match !notice.closed || is_of_the_offices(caller, tenant) {
        true => store::notices::claimants(&tx, &notice).await?,
        false => Vec::new(),
    };
    Ok(pb::GetNoticeResponse {
        notice: Some(convert::notice(&notice, claimants)),
    })
}

fn is_of_the_offices(caller: &Caller, tenant: Tenant) -> bool {
    let power = matches!(caller.power(), Power::Eligibility | Power::Supervision);
    power && (caller.is_municipal() || caller.tenant().ok() == Some(tenant))
}

async fn list(
    desk: &Desk,
    caller: &Caller,
    ask: &pb::ListNoticesRequest,
) -> Result<pb::ListNoticesResponse> {
    let tenant = desk::parse_parent(caller, &ask.parent)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = desk.db.read(tenant).await?;
    let rows = store::notices::open(&tx, desk.today(), page.after(), page.limit()).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.id.to_string());
    let notices = rows
        .iter()
        .map(|it| convert::notice(it, Vec::new()))
        .collect();
    Ok(pb::ListNoticesResponse {
        notices,
        next_page_token,
    })
}
