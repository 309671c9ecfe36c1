//! Delegations, for those who have to do with them and for whoever supervises.

use yuhui_platform::{
    Caller, Result,
    audit::{self, Entry},
    db::Tx,
    paging::Page,
};
use yuhui_proto::{
    authz::v1::{Desk, Power},
    identity::v1 as pb,
};

use super::accounts::prefix;
use crate::{
    context::Context,
    convert,
    domain::approval::is_head,
    store::{
        accounts,
        delegations::{self, Model},
    },
};

/// Those that are the caller's business.
pub async fn list(
    context: &Context,
    caller: &Caller,
    ask: &pb::ListDelegationsRequest,
) -> Result<pb::ListDelegationsResponse> {
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let own = caller.unit.map(|it| it.to_string()).unwrap_or_default();
    // Names are personal data: that they were read is recorded.
    let tx = context.db.begin_global().await?;
    let of = (prefix(&own)?, caller.account.as_str());
    let rows = delegations::page(&tx, of, page.after(), page.limit()).await?;
    let (mut rows, next_page_token) = page.cut(rows, |row| row.id.clone());
    rows.retain(|row| concerns(caller, &own, row));
    let mut told = Vec::with_capacity(rows.len());
    for row in &rows {
        told.push(shown(context, &tx, row).await?);
    }
    let entry = Entry::new("delegation.list", format!("units/{own}"));
    let entry = entry.note(format!("{} delegations", rows.len()));
    audit::record(&tx, caller, context.clock.now(), entry).await?;
    tx.commit().await?;
    Ok(pb::ListDelegationsResponse {
        delegations: told,
        next_page_token,
    })
}

/// A party to it, its head, or who watches over all.
fn concerns(caller: &Caller, own: &str, row: &Model) -> bool {
    let parties = [&row.principal, &row.deputy, &row.granted_by];
    let administers = matches!(caller.desk(), Desk::SecurityAdmin | Desk::AuditAdmin);
    let supervises = caller.power() == Power::Supervision
        && (caller.is_municipal() || row.unit.starts_with(own));
    parties.into_iter().any(|it| *it == caller.account)
        || administers
        || supervises
        || is_head((caller.role, own.to_owned()), row.role(), &row.unit)
}

/// A delegation with the names of its parties.
pub async fn shown(context: &Context, tx: &Tx, row: &Model) -> Result<pb::Delegation> {
    let mut names = Vec::with_capacity(2);
    for id in [&row.principal, &row.deputy] {
        let account = accounts::by_id(tx, id).await?;
        let name = account.map(|it| it.display_name(&context.vault));
        names.push(name.transpose()?.unwrap_or_default());
    }
    let deputy_name = names.pop().unwrap_or_default();
    let principal_name = names.pop().unwrap_or_default();
    let state = row.state(context.clock.today())?;
    Ok(convert::delegation(
        row,
        state,
        (principal_name, deputy_name),
    ))
}
