//! Orders: proposed and approved by county health; released in [`super::release`].

use uuid::Uuid;
use yuhui_kernel::Money;
use yuhui_platform::{
    Caller, Error, Result,
    act::{self, OpenAct},
    audit,
    clock::fresh_id,
    db::Tx,
    idempotency::Key,
    refusal::not_found,
    unless_answered,
};
use yuhui_proto::disbursement::v1 as pb;

use super::screen::screen;
use crate::{
    Deps,
    clients::eligibility::Cleared,
    convert,
    domain::{
        line::LineState,
        name,
        order::{Order, OrderFault},
    },
    refusal::Refused,
    store::{lines, orders},
};

/// Rounds are years.
const ROUNDS: std::ops::RangeInclusive<i32> = 2000..=9999;

/// County health proposes an order over what waits and is cleared.
pub async fn propose(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ProposePaymentOrderRequest,
) -> Result<pb::ProposePaymentOrderResponse> {
    let tenant = caller.tenant_for(&convert::named(name::county, &ask.parent)?)?;
    if !ROUNDS.contains(&ask.round) {
        return Err(Refused::Round.into());
    }
    let key = Key::new(caller, &ask.request_id, &ask)?;
    drop(unless_answered!(act::look(&deps.db, tenant, &key)));
    let today = deps.clock.today();
    let cleared = Cleared::of_day(deps, caller, (tenant, ask.round), today).await?;

    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let state = match ask.corrected {
        true => LineState::Corrected,
        false => LineState::Ready,
    };
    let mut rows = lines::waiting(&act.tx, ask.round, state).await?;
    rows.retain(|row| cleared.covers(&row.case_name));
    let row = keep(&act, &ask, &rows).await?;
    act.finish(pb::ProposePaymentOrderResponse {
        order: Some(convert::order(&row)?),
    })
    .await
}

/// Keeps the order over `rows`.
async fn keep(
    act: &OpenAct<'_>,
    ask: &pb::ProposePaymentOrderRequest,
    rows: &[lines::Model],
) -> Result<orders::Model> {
    if rows.is_empty() {
        let subject = format!("{}/rounds/{}", ask.parent, ask.round);
        return Err(Refused::NothingPayable { subject }.into());
    }
    let order = Order::proposed(act.caller.hand());
    let over = (ask.round, ask.corrected);
    let row = orders::insert(&act.tx, fresh_id(), over, &order, content(rows)?).await?;
    lines::assign(&act.tx, rows, row.id).await?;
    let entry = audit::Entry::new(
        "disbursement.order.propose",
        name::of_order(&row.tenant, row.id),
    );
    let entry = entry.after(&convert::order_for_audit(&row));
    act.record(entry).await?;
    Ok(row)
}

/// County health approves it by another hand (DYN-1).
pub async fn approve(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ApprovePaymentOrderRequest,
) -> Result<pb::ApprovePaymentOrderResponse> {
    let order = convert::named(name::order, &ask.name)?;
    let tenant = caller.tenant_for(&order.tenant)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let tx = unless_answered!(act::look(&deps.db, tenant, &key));
    let by = caller.hand();
    let fits = |order: Order| order.approve(by);
    let round = round_of(&tx, &ask.name, order.id, fits).await?;
    drop(tx);
    let cleared = Cleared::standing(deps, caller, (tenant, round)).await?;

    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let tx = &act.tx;
    let row = orders::get(tx, order.id).await?;
    let row = row.ok_or_else(|| not_found(&ask.name))?;
    let approved = row.order()?.approve(caller.hand());
    let approved = approved.map_err(|fault| Refused::order(fault, &ask.name))?;
    let kept = screen(&act, &row, &cleared).await?;
    let next = orders::advance(tx, &row, &approved, content(&kept)?, None).await?;
    let entry = audit::Entry::new("disbursement.order.approve", &ask.name)
        .before(&convert::order_for_audit(&row))
        .after(&convert::order_for_audit(&next));
    act.record(entry).await?;
    act.finish(pb::ApprovePaymentOrderResponse {
        order: Some(convert::order(&next)?),
    })
    .await
}

/// The round of an order that the act fits: told before another service is asked.
pub async fn round_of(
    tx: &Tx,
    name: &str,
    id: Uuid,
    act: impl FnOnce(Order) -> Result<Order, OrderFault>,
) -> Result<i32> {
    let row = orders::get(tx, id).await?;
    let row = row.ok_or_else(|| not_found(name))?;
    act(row.order()?).map_err(|fault| Refused::order(fault, name))?;
    Ok(row.round)
}

/// What an order over `rows` amounts to.
pub fn content(rows: &[lines::Model]) -> Result<orders::Content> {
    let line_count = i32::try_from(rows.len()).ok();
    let total = Money::total(rows.iter().map(lines::Model::amount));
    line_count
        .zip(total)
        .map(|(line_count, total)| orders::Content { line_count, total })
        .ok_or_else(|| Error::fault("an order too large to count"))
}
