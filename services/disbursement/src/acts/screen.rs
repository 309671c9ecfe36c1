//! What an order may still pay. The check before payment is eligibility's: each act on an order asks
//! what of it stands, and whatever does not is taken out, on record (F20, F23).

use yuhui_platform::{Result, act::OpenAct, audit, inbox};

use crate::{
    clients::eligibility::Cleared,
    domain::name,
    refusal::Refused,
    store::{lines, orders},
};

/// Which of an order's lines may be paid: neither terminated nor on hold, cleared, and nothing
/// told of their case or roster that is not applied yet. The others are taken out and never
/// paid by it.
pub async fn screen(
    act: &OpenAct<'_>,
    order: &orders::Model,
    cleared: &Cleared,
) -> Result<Vec<lines::Model>> {
    let (mut payable, mut stopped) = (Vec::new(), Vec::new());
    let unsettled = inbox::unsettled(&act.tx).await?;
    for row in lines::of_order(&act.tx, order.id).await? {
        let is_settled = !unsettled.contains(&row.case_name) && !unsettled.contains(&row.roster);
        let list = match row.is_payable()? && is_settled {
            true => &mut payable,
            false => &mut stopped,
        };
        list.push(row);
    }
    let subject = name::of_order(&order.tenant, order.id);
    if payable.is_empty() {
        return Err(Refused::NothingPayable { subject }.into());
    }
    let (kept, doubtful): (Vec<_>, Vec<_>) = payable
        .into_iter()
        .partition(|row| cleared.covers(&row.case_name));
    if kept.is_empty() {
        return Err(Refused::NotCleared { subject }.into());
    }
    take_out(act, order, &stopped, "终止发放或暂缓").await?;
    take_out(act, order, &doubtful, "未通过发放前核查").await?;
    Ok(kept)
}

/// Takes lines out of an order, on record.
pub async fn take_out(
    act: &OpenAct<'_>,
    order: &orders::Model,
    out: &[lines::Model],
    reason: &str,
) -> Result<()> {
    if out.is_empty() {
        return Ok(());
    }
    lines::take_out(&act.tx, out, order.id).await?;
    let taken: Vec<&str> = out.iter().map(|row| row.payment_key.as_str()).collect();
    let entry = audit::Entry::new(
        "disbursement.order.take-out",
        name::of_order(&order.tenant, order.id),
    );
    let entry = entry.before(&taken).reason(reason);
    act.record(entry).await
}
