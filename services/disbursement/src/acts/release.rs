//! The release of an order to the bank by county finance: a batch is made of what the check of the
//! same day has cleared.

use yuhui_platform::{
    Caller, Error, Result,
    act::{self, OpenAct},
    audit,
    clock::fresh_id,
    db::Tx,
    idempotency::Key,
    refusal::{aborted, not_found},
    unless_answered,
};
use yuhui_proto::disbursement::v1 as pb;

use super::{
    order::{content, round_of},
    screen::{screen, take_out},
};
use crate::{
    Deps,
    clients::eligibility::Cleared,
    convert,
    domain::{
        batch::{self, BatchLine},
        name,
        order::Order,
    },
    events::outgoing,
    refusal::Refused,
    store::{batches, fund, lines, orders},
};

/// County finance releases an order by a third hand (DYN-4).
pub async fn release(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ReleasePaymentOrderRequest,
) -> Result<pb::ReleasePaymentOrderResponse> {
    let order = convert::named(name::order, &ask.name)?;
    let tenant = caller.tenant_for(&order.tenant)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let today = deps.clock.today();
    let tx = unless_answered!(act::look(&deps.db, tenant, &key));
    let by = caller.hand();
    let fits = |order: Order| order.release(by);
    let round = round_of(&tx, &ask.name, order.id, fits).await?;
    drop(tx);
    let cleared = Cleared::of_day(deps, caller, (tenant, round), today).await?;

    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let tx = &act.tx;
    if deps.clock.today() != today {
        // What was cleared yesterday is not released today.
        return Err(aborted().into());
    }
    let row = orders::get(tx, order.id).await?;
    let row = row.ok_or_else(|| not_found(&ask.name))?;
    let released = row.order()?.release(caller.hand());
    let released = released.map_err(|fault| Refused::order(fault, &ask.name))?;
    let kept = screen(&act, &row, &cleared).await?;
    let kept = funded(&act, &row, kept).await?;

    let batch = send(deps, tx, &row, &kept).await?;
    let over = content(&kept)?;
    let next = orders::advance(tx, &row, &released, over, Some(batch.id)).await?;
    let entry = audit::Entry::new("disbursement.order.release", &ask.name)
        .before(&convert::order_for_audit(&row))
        .after(&convert::order_for_audit(&next))
        .note(format!("batch hash {}", batch.hash));
    act.record(entry).await?;
    outgoing::batch_released(tx, &batch, row.corrected, &kept)?;
    act.finish(pb::ReleasePaymentOrderResponse {
        order: Some(convert::order(&next)?),
    })
    .await
}

/// The lines whose roster both shares have arrived for (R-FUN-3); the others,
/// of a supplementary roster perhaps, are taken out and wait.
async fn funded(
    act: &OpenAct<'_>,
    order: &orders::Model,
    rows: Vec<lines::Model>,
) -> Result<Vec<lines::Model>> {
    let rosters = fund::rosters(&act.tx, order.round).await?;
    let (kept, out): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|row| rosters.contains(&row.roster));
    if kept.is_empty() {
        return Err(Refused::RoundNotFunded { round: order.round }.into());
    }
    take_out(act, order, &out, "两级资金尚未足额到位").await?;
    Ok(kept)
}

/// Makes the batch of the order's lines and sends them.
async fn send(
    deps: &Deps,
    tx: &Tx,
    order: &orders::Model,
    rows: &[lines::Model],
) -> Result<batches::Model> {
    let sealed: Vec<BatchLine> = rows
        .iter()
        .map(|row| {
            Ok(BatchLine {
                payment_key: row.payment_key.clone(),
                amount: row.amount(),
                payee_name: row.payee_name(&deps.vault)?,
                account_number: row.account_number(&deps.vault)?,
                bank_name: row.bank_name.clone(),
                corporate: row.corporate,
            })
        })
        .collect::<Result<_>>()?;
    let seal = batch::seal(&sealed).ok_or_else(|| Error::fault("a batch too large to count"))?;
    let today = deps.clock.today();
    let batch = batches::insert(tx, fresh_id(), order, &seal, today).await?;
    lines::send(tx, order.id, batch.id, rows.len()).await?;
    Ok(batch)
}
