//! Released batches and their lines, for the bank.

use yuhui_platform::{
    Caller, Error, Result,
    actions::{action, caller_of},
    audit,
    db::Tenancy,
    paging::Page,
    refusal::not_found,
};
use yuhui_proto::disbursement::v1 as pb;

use crate::{
    Deps, convert,
    domain::name,
    gate::OnBatch,
    store::{batches, pages},
};

/// Released batches, of one county or of every county the bank serves.
pub async fn list(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ListBatchesRequest,
) -> Result<pb::ListBatchesResponse> {
    let tenancy = match ask.parent.as_str() {
        name::EVERY_COUNTY => caller.tenancy(),
        one => Tenancy::One(caller.tenant_for(&convert::named(name::county, one)?)?),
    };
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = deps.db.read(tenancy).await?;
    let rows = batches::page(&tx, ask.open_only, &page).await?;
    let (rows, next_page_token) = page.cut(rows, |row| row.id.to_string());
    Ok(pb::ListBatchesResponse {
        batches: rows.iter().map(convert::batch).collect(),
        next_page_token,
    })
}

/// One released batch.
pub async fn get(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::GetBatchRequest,
) -> Result<pb::GetBatchResponse> {
    let batch = convert::named(name::batch, &ask.name)?;
    let tenant = caller.tenant_for(&batch.tenant)?;
    let tx = deps.db.read(tenant).await?;
    let row = batches::get(&tx, batch.id).await?;
    let row = row.ok_or_else(|| not_found(&ask.name))?;
    let ordered = batches::ordered_by(&tx, &row).await?;
    let actions = OnBatch::ALL.into_iter().filter_map(|deed| {
        let by = caller_of(caller, deed.path())?.hand();
        let free = deed.may((&row, &ask.name), &ordered, &by);
        let free = free.map_err(Error::from);
        Some(action(deed.path(), free, deed.may_still_fail()))
    });
    Ok(pb::GetBatchResponse {
        actions: actions.collect(),
        batch: Some(convert::batch(&row)),
    })
}

/// A page of lines with full account numbers: the reading goes on record,
/// so this transaction writes.
pub async fn list_lines(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ListBatchLinesRequest,
) -> Result<pb::ListBatchLinesResponse> {
    let batch = convert::named(name::batch, &ask.parent)?;
    let tenant = caller.tenant_for(&batch.tenant)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = deps.db.begin(tenant).await?;
    let known = batches::get(&tx, batch.id).await?;
    known.ok_or_else(|| not_found(&ask.parent))?;
    let rows = pages::of_batch(&tx, batch.id, &page).await?;
    let (rows, next_page_token) = page.cut(rows, |row| row.id.to_string());
    let entry = audit::Entry::new("disbursement.batch.read-accounts", &ask.parent)
        .note(format!("{} lines", rows.len()));
    audit::record(&tx, caller, deps.clock.now(), entry).await?;
    tx.commit().await?;
    let lines = rows.into_iter().map(|row| {
        let account_number = row.account_number(&deps.vault)?;
        convert::line_with(&deps.vault, row, account_number)
    });
    Ok(pb::ListBatchLinesResponse {
        lines: lines.collect::<Result<_>>()?,
        next_page_token,
    })
}
