//! Lists of accounts. Names are personal data: that they were read is recorded.

use yuhui_kernel::{DivisionCode, city};
use yuhui_platform::{
    Caller, Result,
    audit::{self, Entry},
    paging::Page,
    refusal::{Violation, invalid},
};
use yuhui_proto::identity::v1 as pb;

use crate::{context::Context, convert, domain::approval::is_head, store::accounts as store};

/// Accounts that wait for the caller as head of their unit.
pub async fn to_approve(
    context: &Context,
    caller: &Caller,
    ask: &pb::ListAccountsToApproveRequest,
) -> Result<pb::ListAccountsToApproveResponse> {
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let own = caller.unit.map(|it| it.to_string()).unwrap_or_default();
    // Names are personal data: that they were read is recorded.
    let tx = context.db.begin_global().await?;
    let rows = store::pending(&tx, prefix(&own)?, page.after(), page.limit()).await?;
    let (mut rows, next_page_token) = page.cut(rows, |row| row.login.clone());
    rows.retain(|row| is_head((caller.role, own.clone()), row.role(), &row.unit));
    let entry = Entry::new("account.list_to_approve", format!("units/{own}"))
        .note(format!("{} accounts", rows.len()));
    audit::record(&tx, caller, context.clock.now(), entry).await?;
    tx.commit().await?;
    let accounts = rows
        .into_iter()
        .map(|it| convert::account(&context.vault, it));
    Ok(pb::ListAccountsToApproveResponse {
        accounts: accounts.collect::<Result<_>>()?,
        next_page_token,
    })
}

/// The accounts of a unit and of all below it.
pub async fn list(
    context: &Context,
    caller: &Caller,
    ask: &pb::ListAccountsRequest,
) -> Result<pb::ListAccountsResponse> {
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let below = prefix(&ask.unit)?;
    // Names are personal data: that they were read is recorded.
    let tx = context.db.begin_global().await?;
    let rows = store::page(&tx, below, page.after(), page.limit()).await?;
    let (rows, next_page_token) = page.cut(rows, |row| row.login.clone());
    let entry = Entry::new("account.list", format!("units/{}", ask.unit))
        .note(format!("{} accounts", rows.len()));
    audit::record(&tx, caller, context.clock.now(), entry).await?;
    tx.commit().await?;
    let accounts = rows
        .into_iter()
        .map(|it| convert::account(&context.vault, it));
    Ok(pb::ListAccountsResponse {
        accounts: accounts.collect::<Result<_>>()?,
        next_page_token,
    })
}

/// What the codes of a unit and of everything below it begin with.
pub(super) fn prefix(unit: &str) -> Result<&str> {
    if unit.is_empty() {
        return Ok(unit);
    }
    match unit.parse::<DivisionCode>() {
        Ok(code) if code == city() => Ok(unit.trim_end_matches('0')),
        Ok(_) => Ok(unit),
        Err(error) => {
            let fault = Violation::new("unit", "不是行政区划代码", error.to_string());
            Err(invalid(vec![fault]).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_city_holds_the_units_of_all_its_counties() {
        assert_eq!(prefix("150200").expect("city"), "1502");
        assert_eq!(prefix("150203").expect("county"), "150203");
        assert_eq!(prefix("").expect("all"), "");
        assert!(prefix("15%").is_err());
    }
}
