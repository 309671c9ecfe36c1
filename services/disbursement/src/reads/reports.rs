//! Reports of results, and what they say: for the bank's authoriser before he signs.

use yuhui_platform::{
    Caller, Result,
    actions::{action, caller_of},
    db::Tx,
    paging::Page,
    refusal::not_found,
};
use yuhui_proto::disbursement::v1 as pb;

use crate::{
    Deps, convert,
    domain::name::{self, NamedReport},
    gate::OnReport,
    store::{batches, reports},
};

async fn find(tx: &Tx, name: &str, named: &NamedReport) -> Result<reports::Model> {
    let row = reports::get(tx, named.id).await?;
    let row = row.filter(|it| it.batch_id == named.batch.id);
    Ok(row.ok_or_else(|| not_found(name))?)
}

/// One report.
pub async fn get(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::GetResultReportRequest,
) -> Result<pb::GetResultReportResponse> {
    let named = convert::named(name::report, &ask.name)?;
    let tenant = caller.tenant_for(&named.batch.tenant)?;
    let tx = deps.db.read(tenant).await?;
    let row = find(&tx, &ask.name, &named).await?;
    let batch = batches::get(&tx, row.batch_id).await?;
    let batch = batch.ok_or_else(|| not_found(&ask.name))?;
    let ordered = batches::ordered_by(&tx, &batch).await?;
    let actions = OnReport::ALL.into_iter().filter_map(|deed| {
        let by = caller_of(caller, deed.path())?.hand();
        let free = deed.ends((&row, &ask.name), &ordered, &by).map(|_| ());
        Some(action(deed.path(), free, &[]))
    });
    Ok(pb::GetResultReportResponse {
        actions: actions.collect(),
        report: Some(convert::report(&row)?),
    })
}

/// The reports on a batch.
pub async fn list(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ListResultReportsRequest,
) -> Result<pb::ListResultReportsResponse> {
    let batch = convert::named(name::batch, &ask.parent)?;
    let tenant = caller.tenant_for(&batch.tenant)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = deps.db.read(tenant).await?;
    let known = batches::get(&tx, batch.id).await?;
    known.ok_or_else(|| not_found(&ask.parent))?;
    let rows = reports::page(&tx, batch.id, &convert::report_states(ask), &page).await?;
    let (rows, next_page_token) = page.cut(rows, |row| row.id.to_string());
    Ok(pb::ListResultReportsResponse {
        reports: rows.iter().map(convert::report).collect::<Result<_>>()?,
        next_page_token,
    })
}

/// What a report says.
pub async fn results(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ListReportedResultsRequest,
) -> Result<pb::ListReportedResultsResponse> {
    let named = convert::named(name::report, &ask.parent)?;
    let tenant = caller.tenant_for(&named.batch.tenant)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = deps.db.read(tenant).await?;
    find(&tx, &ask.parent, &named).await?;
    let rows = reports::results_page(&tx, named.id, &page).await?;
    let (rows, next_page_token) = page.cut(rows, |row| row.payment_key.clone());
    Ok(pb::ListReportedResultsResponse {
        results: rows.into_iter().map(convert::reported).collect(),
        next_page_token,
    })
}
