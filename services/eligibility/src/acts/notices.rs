//! Public notices: posted and closed (C.5), and posted anew.

use serde_json::json;
use uuid::Uuid;
use yuhui_kernel::DivisionCode;
use yuhui_platform::{
    Result, audit,
    caller::Caller,
    clock,
    db::Tx,
    idempotency::Key,
    refusal::{self, not_found},
    relatives::Relatives,
    unless_answered,
};
use yuhui_policy::rules::dates as rules;
use yuhui_proto::eligibility::v1 as pb;

use crate::{
    context::Context,
    convert::{self, text},
    domain::{
        Case, State, Step,
        documents::upload::Parent,
        notice::{Notice, NoticeLine, posted_state},
        report::Report,
    },
    names,
    refusal::{Refused, day, documents::NotTaken, fits, portal::NotHeard},
    ritual::{Change, Writer},
    separation::{conflict, hand, reaches},
    store::{self, cases::Stored},
};

/// Cases one notice may carry.
const MAX_CASES: usize = 1000;

/// F7, F10, F12: seven days from today, today not counted.
pub(crate) async fn post(
    context: &Context,
    caller: &Caller,
    ask: pb::PostNoticeRequest,
) -> Result<pb::PostNoticeResponse> {
    let tenant = names::parse_parent(caller, &ask.parent)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let unit: DivisionCode = caller.unit.ok_or_else(|| not_found(&ask.parent))?;
    let state = posted_state(unit.level()).ok_or_else(|| not_found(&ask.parent))?;
    let today = context.today();
    let pack = context.pack_on(today).await?;
    let relatives = context.relatives(caller, tenant).await;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    let tx = &act.tx;
    let relatives = relatives?;
    let posted = if ask.cases.is_empty() {
        let limit = u64::try_from(MAX_CASES).unwrap_or(u64::MAX);
        let mut all = store::cases::unposted(tx, state, &unit.to_string(), limit).await?;
        all.retain(|it| conflict(caller, &relatives, &it.case).is_ok());
        all
    } else {
        chosen(tx, caller, &relatives, &ask.cases, state).await?
    };
    if posted.is_empty() {
        return Err(Refused::NothingThere { parent: ask.parent }.into());
    }
    let mut notice = Notice {
        id: clock::fresh_id(),
        tenant,
        unit,
        posted_on: today,
        last_on: rules::notice_last_day(&pack, context.calendar, today),
        closed: false,
        closed_on: None,
        proof: String::new(),
        documents: Vec::new(),
        posted_by: caller.account.clone(),
        lines: posted.iter().map(|it| NoticeLine::of(&it.case)).collect(),
        digest: String::new(),
    };
    let claimants = posted.iter().map(|it| Ok(context.open(it)?.claimant_name));
    let claimants: Vec<_> = claimants.collect::<Result<_>>()?;
    notice.digest = notice.digest_of(&claimants);
    let law = context.law();
    store::notices::insert(tx, &law.year(), &notice, &claimants).await?;
    let changes = posted.into_iter().map(|stored| {
        let mut change = Change::of(stored.case);
        change.after.notice = Some(notice.id);
        change.reason = notice.name();
        change
    });
    let entry = audit::Entry::new("notice.post", notice.name());
    let until = json!({ "posted_on": day(today), "last_on": day(notice.last_on) });
    Writer::within(&act, law.year(), "case.post")
        .write_all(entry, until, changes.collect(), Vec::new())
        .await?;
    act.finish(pb::PostNoticeResponse {
        notice: Some(convert::notice(&notice, claimants)),
    })
    .await
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
        let parsed = names::parse_name(name, "cases").filter(|it| Some(it.0) == tx.tenant().ok());
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
pub(crate) async fn close(
    context: &Context,
    caller: &Caller,
    ask: pb::CloseNoticeRequest,
) -> Result<pb::CloseNoticeResponse> {
    let proof = match ask.documents.is_empty() {
        true => text::needed("proof", &ask.proof)?,
        false => text::remark("proof", &ask.proof)?,
    };
    let (tenant, id) = names::parse_own(caller, &ask.name, "notices")?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let relatives = context.relatives(caller, tenant).await;
    let act = unless_answered!(context.open_act(caller, tenant, key));
    let tx = &act.tx;
    let relatives = relatives?;
    let mut notice = store::notices::locked(tx, id)
        .await?
        .filter(|it| caller.unit == Some(it.unit))
        .ok_or_else(|| not_found(&ask.name))?;
    if notice.closed {
        return Err(Refused::NoticeClosed { notice: ask.name }.into());
    }
    if !notice.is_over(context.today()) {
        let last_on = day(notice.last_on);
        return Err(Refused::NoticeNotOver {
            notice: ask.name,
            last_on,
        }
        .into());
    }
    notice.documents = proving(tx, caller, &notice, &ask.documents).await?;
    notice.closed = true;
    notice.closed_on = Some(context.today());
    notice.proof.clone_from(&proof);
    let law = context.law();
    store::notices::close(tx, &law.year(), &notice).await?;
    let me = hand(caller);
    let listed = store::cases::on_notice(tx, notice.id).await?;
    let ids: Vec<Uuid> = listed.iter().map(|it| it.case.id).collect();
    let mut objected = store::reports::waiting_on(tx, notice.id, &ids).await?;
    objected.retain(Report::must_be_admitted);
    // F9: over, and no objection open: to what is not on it, or to a case, made on this notice or on one before.
    let to_none = objected.iter().find(|it| it.case.is_none());
    if let Some(report) = to_none.map(Report::name) {
        let notice = notice.name();
        return Err(NotHeard::ObjectionWaits { notice, report }.into());
    }
    let objected = |case: Uuid| {
        let own = |it: &&Report| it.case == Some(case);
        objected.iter().find(own).map(Report::name)
    };
    let mut changes = Vec::new();
    for stored in listed {
        if Some(stored.case.state()) != posted_state(notice.unit.level()) {
            // Under inquiry, on hold or withdrawn: it is posted anew when that ends.
            continue;
        }
        if let Some(report) = objected(stored.case.id) {
            let notice = notice.name();
            return Err(NotHeard::ObjectionWaits { notice, report }.into());
        }
        conflict(caller, &relatives, &stored.case)?;
        let mut change = Change::of(stored.case);
        let case = &mut change.after;
        if case.state() == State::CNotice {
            case.notice_over = true;
        } else {
            fits(case.step(Step::CloseNotice, &me), case)?;
            case.notice = None;
        }
        change.reason = notice.name();
        changes.push(change);
    }
    let moved = i32::try_from(changes.len()).unwrap_or(i32::MAX);
    let entry = audit::Entry::new("notice.close", notice.name()).reason(proof);
    let closed = json!({ "closed": true, "documents": ask.documents });
    Writer::within(&act, law.year(), "case.notice_over")
        .write_all(entry, closed, changes, Vec::new())
        .await?;
    act.finish(pb::CloseNoticeResponse {
        notice: Some(convert::notice(&notice, Vec::new())),
        moved,
    })
    .await
}

/// The documents that prove a notice: of it, and standing, one of them of how it was posted (C.5).
async fn proving(
    tx: &Tx,
    caller: &Caller,
    notice: &Notice,
    documents: &[String],
) -> Result<Vec<Uuid>> {
    let mut proving = Vec::with_capacity(documents.len());
    let mut is_posting = false;
    for name in documents {
        let (_, parent, id) = names::parse_document(caller, name)?;
        let found = match parent == Parent::Notice(notice.id) {
            true => store::documents::get(tx, parent, id).await?,
            false => None,
        };
        let found = found.filter(|it| it.filed.replaced_by.is_none());
        if found.is_none() {
            let notice = notice.name();
            return Err(NotTaken::NoProof { notice }.into());
        }
        if proving.contains(&id) {
            continue;
        }
        is_posting |= found.is_some_and(|it| it.filed.kind.is_posting());
        proving.push(id);
    }
    if !documents.is_empty() && !is_posting {
        let notice = notice.name();
        return Err(NotTaken::NoProof { notice }.into());
    }
    Ok(proving)
}

/// A case that comes back to a notice which was taken down meanwhile is posted anew: nobody loses the
/// seven days.
pub(crate) async fn repost_if_taken_down(tx: &Tx, case: &mut Case) -> Result<()> {
    let Some(id) = case
        .notice
        .filter(|_| case.state().is_notice() && !case.notice_over)
    else {
        return Ok(());
    };
    let notice = store::notices::locked(tx, id).await?;
    if notice.is_none_or(|it| it.closed) {
        case.notice = None;
    }
    Ok(())
}
