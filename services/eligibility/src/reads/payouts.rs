//! What events on rosters and accounts refer to: lines as they were sealed, payees as they stand.

use yuhui_platform::{Result, caller::Caller, paging::Page, refusal::not_found};
use yuhui_proto::{eligibility::v1 as pb, internal::v1 as internal};

use super::rosters::find;
use crate::{
    context::Context,
    domain::case,
    names,
    store::{self, cases::Stored},
};

/// A roster that is still being built has no lines that anybody may act on.
pub(crate) async fn lines(
    context: &Context,
    caller: &Caller,
    ask: internal::ListSealedRosterLinesRequest,
) -> Result<internal::ListSealedRosterLinesResponse> {
    let (tenant, id) = names::parse_own(caller, &ask.parent, "rosters")?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let after = page.key(|it| it.parse().ok())?.unwrap_or(0);
    let tx = context.db.read(tenant).await?;
    if find(&tx, &ask.parent, id).await?.sealed_on.is_none() {
        return Err(not_found(&ask.parent).into());
    }
    let rows = store::rosters::lines(&tx, id, after, page.limit()).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.0.to_string());
    let lines = rows.into_iter().map(|(_, it)| pb::SealedRosterLine {
        case: case::name(tenant, it.case),
        amount_fen: it.amount.fen(),
    });
    Ok(internal::ListSealedRosterLinesResponse {
        lines: lines.collect(),
        next_page_token,
    })
}

pub(crate) async fn payees(
    context: &Context,
    caller: &Caller,
    ask: internal::ListPayeesRequest,
) -> Result<internal::ListPayeesResponse> {
    let tenant = names::parse_parent(caller, &ask.parent)?;
    let mut ids = Vec::with_capacity(ask.cases.len());
    for name in &ask.cases {
        ids.push(names::own_case(tenant, name)?);
    }
    let tx = context.db.read(tenant).await?;
    let mut found = store::cases::named(&tx, &ids).await?;
    drop(tx);
    found.sort_by_key(|it| it.case.id);
    if let Some(missing) = ids
        .iter()
        .position(|id| found.binary_search_by_key(id, |it| it.case.id).is_err())
    {
        let name = ask.cases.get(missing).map_or("", String::as_str);
        return Err(not_found(name).into());
    }
    let payees = found.into_iter().map(|it| payee(context, &it));
    Ok(internal::ListPayeesResponse {
        payees: payees.collect::<Result<_>>()?,
    })
}

fn payee(context: &Context, stored: &Stored) -> Result<pb::Payee> {
    let account = context.open(stored)?.account;
    Ok(pb::Payee {
        case: stored.case.name(),
        payee_ref: stored.case.claimant_ref.clone(),
        payee_name: account.holder_name,
        account_number: account.number,
        bank_name: account.bank_name,
        corporate: account.corporate,
    })
}
