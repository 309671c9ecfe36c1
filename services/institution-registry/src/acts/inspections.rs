//! 现场核查 (I3): the township looks at the premises, and its lead signs what was found.

use time::Date;
use yuhui_platform::{
    Caller, Result, act::OpenAct, audit, clock, form::Form, idempotency, refusal, unless_answered,
};
use yuhui_proto::institution::v1::{self as pb, inspection::PriceList as Shown};

use crate::{
    Deps, convert,
    domain::{Inspection, PriceList, Recorded},
    refusal::Refused,
    separation::none_heads,
    store::{inspections, institutions},
};

/// Township reviewer records what he found.
pub async fn record(
    deps: &Deps,
    caller: &Caller,
    ask: pb::RecordInspectionRequest,
) -> Result<pb::RecordInspectionResponse> {
    let (named, id) = convert::institution_named("parent", &ask.parent)?;
    let tenant = caller.tenant_for(&named)?;
    let key = idempotency::Key::new(caller, &ask.request_id, &ask)?;
    let today = deps.clock.today();
    let inspection = read(&ask.inspection.unwrap_or_default(), today)?;
    let relatives = deps.peers.relatives(caller, tenant, today).await;

    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let tx = &act.tx;
    let stored = institutions::reach_locked(tx, caller, id, &ask.parent).await?;
    none_heads(&relatives?, &stored.institution.record, today)?;
    let recorded = Recorded {
        id: clock::fresh_id(),
        inspection,
        by: caller.hand(),
        recorded_on: today,
        signed: None,
    };
    inspections::record(tx, id, &recorded).await?;
    let shown = convert::inspection(&ask.parent, &recorded)?;
    let entry = audit::Entry::new("institution.inspection.record", &shown.name);
    act.record(entry.after(&recorded.inspection)).await?;
    act.finish(pb::RecordInspectionResponse {
        inspection: Some(shown),
    })
    .await
}

fn read(stated: &pb::Inspection, today: Date) -> Result<Inspection> {
    let mut form = Form::default();
    let inspected_on = form.date("inspection.inspected_on", &stated.inspected_on);
    if inspected_on.is_some_and(|it| it > today) {
        let (zh, en) = ("不得晚于今天", "must not be after today");
        form.refuse("inspection.inspected_on", zh, en);
    }
    if stated.over_three > stated.children_present {
        form.refuse(
            "inspection.over_three",
            "不得多于在托人数",
            "must not be more than the children present",
        );
    }
    let price_list = match stated.price_list() {
        Shown::Unspecified => None,
        Shown::AsPromised => Some(PriceList::AsPromised),
        Shown::Other => Some(PriceList::Other),
        Shown::NotShown => Some(PriceList::NotShown),
    };
    if price_list.is_none() {
        form.refuse("inspection.price_list", "必填", "is required");
    }
    form.finish()?;
    Ok(Inspection {
        inspected_on: inspected_on.unwrap_or(today),
        children_present: stated.children_present,
        over_three: stated.over_three,
        price_list: price_list.unwrap_or(PriceList::NotShown),
        findings: stated.findings.trim().to_owned(),
    })
}

/// Township lead signs what he has seen; never who recorded it (DYN-1).
pub async fn sign(
    deps: &Deps,
    caller: &Caller,
    ask: pb::SignInspectionRequest,
) -> Result<pb::SignInspectionResponse> {
    let (named, institution, id) = convert::inspection_named("name", &ask.name)?;
    let tenant = caller.tenant_for(&named)?;
    let key = idempotency::Key::new(caller, &ask.request_id, &ask)?;
    let today = deps.clock.today();
    let relatives = deps.peers.relatives(caller, tenant, today).await;

    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let tx = &act.tx;
    let stored = institutions::reach_locked(tx, caller, institution, &ask.name).await?;
    none_heads(&relatives?, &stored.institution.record, today)?;
    let found = inspections::find(tx, institution, id).await?;
    let mut recorded = found.ok_or_else(|| refusal::not_found(&ask.name))?;
    if recorded.signed.is_some() {
        return Err(Refused::AlreadySigned {
            inspection: ask.name,
        }
        .into());
    }
    refusal::seen(&ask.etag, &recorded.inspection.digest()?)?;
    if recorded.by.is(&caller.hand()) {
        return Err(refusal::same_hand(
            "核查人不得签署本人的核查记录",
            "who inspected does not sign it",
        )
        .into());
    }
    inspections::sign(tx, caller, today, id).await?;
    recorded.signed = Some((caller.account.clone(), today));
    let parent = convert::name_of(&stored.institution);
    let shown = convert::inspection(&parent, &recorded)?;
    let entry = audit::Entry::new("institution.inspection.sign", &shown.name);
    act.record(entry.after(&recorded.inspection)).await?;
    act.finish(pb::SignInspectionResponse {
        inspection: Some(shown),
    })
    .await
}
