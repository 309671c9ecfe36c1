//! Results of the bank: reported by the operator, in force once the
//! authoriser confirms them (F21, F22).

use std::collections::{BTreeMap, HashMap};

use yuhui_kernel::{Hand, dates};
use yuhui_platform::{
    Caller, Error, Result, act::OpenAct, audit, clock::fresh_id, db::Tx, idempotency::Key,
    refusal::not_found, unless_answered,
};
use yuhui_proto::{disbursement::v1 as pb, events::v1::LineSettled};

use crate::{
    Deps, convert,
    domain::{
        line::{LineState, Step},
        name,
        result::{self, BankResult, MAX_RESULTS, Outcome},
    },
    events::outgoing,
    refusal::Refused,
    store::{batches, lines, orders, reports},
};

/// The operator reports results; they have no effect until they are authorised.
pub async fn report(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ReportResultsRequest,
) -> Result<pb::ReportResultsResponse> {
    let batch = convert::named(name::batch, &ask.parent)?;
    let tenant = caller.tenant_for(&batch.tenant)?;
    if !(1..=MAX_RESULTS).contains(&ask.results.len()) {
        return Err(Refused::ReportSize.into());
    }
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let tx = &act.tx;
    let row = batches::get(tx, batch.id).await?;
    let row = row.ok_or_else(|| not_found(&ask.parent))?;
    if !row.acknowledged {
        return Err(Refused::BatchNotAcknowledged { batch: ask.parent }.into());
    }
    other_than_ordered(tx, &row, &caller.hand()).await?;
    let report = keep(&act, &row, ask.results).await?;
    act.finish(pb::ReportResultsResponse {
        report: Some(convert::report(&report)),
    })
    .await
}

/// Keeps what is new in `results`. If nothing is, the report that brought
/// the first of them is the answer, and nothing changes.
async fn keep(
    act: &OpenAct<'_>,
    batch: &batches::Model,
    results: Vec<pb::LineResult>,
) -> Result<reports::Model> {
    let tx = &act.tx;
    let report: Vec<BankResult> = results.into_iter().map(convert::result).collect();
    let asked: Vec<String> = report.iter().map(|it| it.payment_key.clone()).collect();
    let lines = lines::of_keys(tx, batch.id, &asked).await?;
    let keys = lines.into_iter().map(|line| line.payment_key).collect();
    let before = reports::known(tx, &asked).await?;
    let first = report.first().and_then(|it| before.get(&it.payment_key));
    let first = first.map(|(report, _)| *report);
    let known = before.into_iter().map(|(key, (_, result))| (key, result));
    let news = result::news(&report, &keys, &known.collect()).map_err(Refused::Results)?;
    if news.is_empty() {
        let first = match first {
            Some(id) => reports::get(tx, id).await?,
            None => None,
        };
        return first.ok_or_else(|| Error::fault("a known result without its report"));
    }
    let report = reports::insert(tx, (fresh_id(), batch.id), &act.caller.hand(), &news).await?;
    let object = name::of_report(&report.tenant, batch.id, report.id);
    let entry = audit::Entry::new("disbursement.results.report", object)
        .after(&serde_json::json!({ "results": news.len() }));
    act.record(entry).await?;
    Ok(report)
}

/// The authoriser puts a report in force.
pub async fn authorise(
    deps: &Deps,
    caller: &Caller,
    ask: pb::AuthoriseResultsRequest,
) -> Result<pb::AuthoriseResultsResponse> {
    let report = convert::named(name::report, &ask.name)?;
    let tenant = caller.tenant_for(&report.batch.tenant)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let tx = &act.tx;
    let row = reports::get(tx, report.id).await?;
    let row = row.filter(|row| row.batch_id == report.batch.id);
    let row = row.ok_or_else(|| not_found(&ask.name))?;
    let batch = batches::get(tx, row.batch_id).await?;
    let batch = batch.ok_or_else(|| not_found(&ask.name))?;
    if row.authoriser.is_some() {
        return Err(Refused::ReportAuthorised { report: ask.name }.into());
    }
    let by = caller.hand();
    if row.operator()?.is(&by) {
        return Err(Refused::SameMaker.into());
    }
    other_than_ordered(tx, &batch, &by).await?;
    let next = reports::authorise(tx, &row, &by).await?;
    let settled = settle(deps, tx, &batch, &row).await?;
    let entry =
        audit::Entry::new("disbursement.results.authorise", &ask.name).after(&serde_json::json!({
            "credited": settled.iter().filter(|line| line.credited).count(),
            "returned": settled.iter().filter(|line| !line.credited).count(),
        }));
    act.record(entry).await?;
    outgoing::lines_settled(tx, &batch, deps.clock.today(), &settled)?;
    act.finish(pb::AuthoriseResultsResponse {
        report: Some(convert::report(&next)),
    })
    .await
}

/// Applies the results of a report to the lines of its batch.
async fn settle(
    deps: &Deps,
    tx: &Tx,
    batch: &batches::Model,
    report: &reports::Model,
) -> Result<Vec<LineSettled>> {
    let today = deps.clock.today();
    let results = reports::results_of(tx, report.id).await?;
    let keys: Vec<String> = results.iter().map(|it| it.payment_key.clone()).collect();
    let rows = lines::of_keys(tx, batch.id, &keys).await?;
    let rows: HashMap<_, _> = rows
        .iter()
        .map(|row| (row.payment_key.as_str(), row))
        .collect();
    let mut settled = Vec::with_capacity(results.len());
    let mut groups: BTreeMap<(LineState, String), Vec<String>> = BTreeMap::new();
    for result in results {
        let line = rows.get(result.payment_key.as_str());
        let line = line.ok_or_else(|| Error::fault("a result without its line"))?;
        let credited = result.outcome == Some(Outcome::Credited);
        let step = if credited { Step::Credit } else { Step::Return };
        let after = line.state()?.after(step);
        let after = after.map_err(|it| Error::fault(it.to_string()))?;
        settled.push(LineSettled {
            case: line.case_name.clone(),
            programme: line.programme,
            amount_fen: line.amount_fen,
            credited,
            return_code: result.return_code.clone(),
            settled_on: dates::format(today),
        });
        let group = groups.entry((after, result.return_code)).or_default();
        group.push(result.payment_key);
    }
    lines::settle(tx, batch.id, &groups, today).await?;
    let count = i32::try_from(settled.len()).unwrap_or(i32::MAX);
    batches::advance(tx, batch, batch.open_count.saturating_sub(count)).await?;
    Ok(settled)
}

/// The bank acknowledges, reports and authorises by other hands than those that ordered and released
/// the payment (DYN-4).
pub async fn other_than_ordered(tx: &Tx, batch: &batches::Model, by: &Hand) -> Result<()> {
    let order = orders::get(tx, batch.order_id).await?;
    let order = order.ok_or_else(|| Error::fault("a batch without its order"))?;
    if order.hands()?.include(by) {
        return Err(Refused::SameHands.into());
    }
    Ok(())
}
