//! Accounts, one and many. Names are personal data: that they were read is recorded.

use yuhui_kernel::{DivisionCode, city};
use yuhui_platform::{
    Caller, Result,
    actions::{action, caller_of},
    audit::{self, Entry},
    db::Tx,
    paging::Page,
    refusal::{Violation, invalid, not_found},
};
use yuhui_proto::{authz::v1::Reach, identity::v1 as pb, types::v1::Action};

use crate::{
    context::Context,
    convert,
    domain::approval::{head_of, is_head},
    gate::{self, Deed, Seen},
    store::accounts::{self as store, Model},
};

/// The account of that name.
pub async fn named(tx: &Tx, name: &str) -> Result<Model> {
    let account = match name.strip_prefix("accounts/") {
        Some(id) => store::by_id(tx, id).await?,
        None => None,
    };
    account.ok_or_else(|| not_found(name).into())
}

/// The account as the caller finds it.
pub async fn as_seen<'a>(
    context: &Context,
    tx: &Tx,
    caller: &'a Caller,
    account: &'a Model,
) -> Result<Seen<'a>> {
    let head = match head_of(account.role(), &account.unit) {
        Some((role, unit)) if store::has_head(tx, role, &unit, &account.person).await? => {
            Some((role, unit))
        }
        _ => None,
    };
    Ok(Seen {
        caller,
        account,
        spec: context.spec(account.role()).unwrap_or_default(),
        head,
    })
}

/// One account, for those who keep accounts, for the head of its unit, and for its holder.
pub async fn get(
    context: &Context,
    caller: &Caller,
    ask: &pb::GetAccountRequest,
) -> Result<pb::GetAccountResponse> {
    // Names are personal data: that they were read is recorded.
    let tx = context.db.begin_global().await?;
    let account = named(&tx, &ask.name).await?;
    let seen = as_seen(context, &tx, caller, &account).await?;
    let keeps = caller.reach == Reach::AllTenants;
    if !keeps && caller.account != account.id && !seen.concerns(Deed::Approve) {
        return Err(not_found(&ask.name).into());
    }
    let actions = Deed::ALL.into_iter().filter_map(|deed| {
        let caller = caller_of(caller, deed.path())?;
        let seen = Seen {
            caller: &caller,
            head: seen.head.clone(),
            ..seen
        };
        let free = gate::enters(deed, &seen).map(|_| ());
        seen.concerns(deed).then(|| Action {
            who_may: seen.who_may(deed),
            ..action(deed.path(), free, &[])
        })
    });
    let actions = actions.collect();
    let entry = Entry::new("account.get", account.name());
    audit::record(&tx, caller, context.clock.now(), entry).await?;
    tx.commit().await?;
    Ok(pb::GetAccountResponse {
        actions,
        account: Some(convert::account(&context.vault, account)?),
    })
}

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
