//! Orders and their lines, shown to those who make, release and watch them; lines also to who is paid.

use yuhui_platform::{
    Caller, Result,
    actions::{action, caller_of},
    paging::Page,
    refusal::not_found,
};
use yuhui_proto::disbursement::v1 as pb;

use crate::{
    Deps, convert,
    domain::name,
    gate::OnOrder,
    refusal::Refused,
    store::{orders, pages},
};

/// An order.
pub async fn get(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::GetPaymentOrderRequest,
) -> Result<pb::GetPaymentOrderResponse> {
    let name = ask.name.as_str();
    let order = convert::named(name::order, name)?;
    let tenant = caller.tenant_for(&order.tenant)?;
    let tx = deps.db.read(tenant).await?;
    let row = orders::get(&tx, order.id).await?;
    let row = row.ok_or_else(|| not_found(name))?;
    let order = row.order()?;
    let actions = OnOrder::ALL.into_iter().filter_map(|deed| {
        let by = caller_of(caller, deed.path())?.hand();
        let begins = deed.begins(order.clone(), by).map(|_| ());
        let free = begins.map_err(|fault| Refused::order(fault, name).into());
        Some(action(deed.path(), free, deed.may_still_fail()))
    });
    Ok(pb::GetPaymentOrderResponse {
        actions: actions.collect(),
        order: Some(convert::order(&row)?),
    })
}

/// The orders of a county.
pub async fn list(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ListPaymentOrdersRequest,
) -> Result<pb::ListPaymentOrdersResponse> {
    let tenant = caller.tenant_for(&convert::named(name::county, &ask.parent)?)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = deps.db.read(tenant).await?;
    let rows = orders::page(&tx, &page).await?;
    let (rows, next_page_token) = page.cut(rows, |row| row.id.to_string());
    Ok(pb::ListPaymentOrdersResponse {
        orders: rows.iter().map(convert::order).collect::<Result<_>>()?,
        next_page_token,
    })
}

/// The lines of a county, their accounts masked; claimants see those paid to them.
pub async fn list_lines(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ListPaymentLinesRequest,
) -> Result<pb::ListPaymentLinesResponse> {
    let tenant = caller.tenant_for(&convert::named(name::county, &ask.parent)?)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let narrowed = convert::narrowed(ask, caller, tenant)?;
    let tx = deps.db.read(tenant).await?;
    let rows = pages::of_county(&tx, &narrowed, &page).await?;
    let (rows, next_page_token) = page.cut(rows, |row| row.id.to_string());
    let lines = rows.into_iter().map(|it| convert::line(&deps.vault, it));
    Ok(pb::ListPaymentLinesResponse {
        lines: lines.collect::<Result<_>>()?,
        next_page_token,
    })
}
