//! Results of the bank: reported by the operator, in force once the authoriser confirms them (F21, F22);
//! declined by him, or taken back by the operator, before they are.

use std::collections::{BTreeMap, HashMap};

use yuhui_kernel::{Hand, dates, proposal::ProposalState};
use yuhui_platform::{
    Caller, Error, Result,
    act::OpenAct,
    audit,
    clock::fresh_id,
    db::Tx,
    idempotency::Key,
    refusal::{not_found, seen},
    unless_answered,
};
use yuhui_proto::{disbursement::v1 as pb, internal::v1::LineSettled};

use crate::{
    Deps, convert,
    domain::{
        line::{LineState, Step},
        name::{self, NamedReport},
        result::{self, BankResult, MAX_RESULTS, Outcome},
    },
    events::outgoing,
    gate::{OnBatch, OnReport},
    refusal::Refused,
    store::{
        batches, lines,
        reports::{self, Tally},
    },
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
    let ordered = batches::ordered_by(tx, &row).await?;
    OnBatch::Report.may((&row, &ask.parent), &ordered, &caller.hand())?;
    let report = keep(&act, &row, ask.results).await?;
    act.finish(pb::ReportResultsResponse {
        report: Some(convert::report(&report)?),
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
    let lines: HashMap<String, i64> = lines
        .into_iter()
        .map(|line| (line.payment_key, line.amount_fen))
        .collect();
    let keys = lines.keys().cloned().collect();
    let before = reports::known(tx, batch.id, &asked).await?;
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
    // Of two reports on one batch at the same time one loses the race: a key has one result that stands.
    batches::advance(tx, batch, batch.open_count).await?;
    let tallies = tallies(&news, &lines);
    let ids = (fresh_id(), batch.id);
    let report = reports::insert(tx, ids, &act.caller.hand(), &news, tallies).await?;
    let object = name::of_report(&report.tenant, batch.id, report.id);
    let entry = audit::Entry::new("disbursement.results.report", object)
        .after(&serde_json::json!({ "results": news.len() }));
    act.record(entry).await?;
    Ok(report)
}

/// What a report credits, and what it returns.
fn tallies(news: &[BankResult], lines: &HashMap<String, i64>) -> (Tally, Tally) {
    let (mut credited, mut returned) = (Tally::default(), Tally::default());
    for result in news {
        let tally = match result.outcome {
            Some(Outcome::Credited) => &mut credited,
            _ => &mut returned,
        };
        tally.count += 1;
        tally.fen += lines.get(&result.payment_key).copied().unwrap_or(0);
    }
    (credited, returned)
}

/// A report that waits, and the batch it is about.
struct Waiting {
    report: reports::Model,
    batch: batches::Model,
}

/// The report `named`, and what becomes of it if the caller ends it so.
async fn ending(
    tx: &Tx,
    (name, named): (&str, &NamedReport),
    deed: OnReport,
    by: &Hand,
) -> Result<(Waiting, ProposalState)> {
    let report = reports::get(tx, named.id).await?;
    let report = report.filter(|it| it.batch_id == named.batch.id);
    let report = report.ok_or_else(|| not_found(name))?;
    let batch = batches::get(tx, report.batch_id).await?;
    let batch = batch.ok_or_else(|| not_found(name))?;
    let ordered = batches::ordered_by(tx, &batch).await?;
    let state = deed.ends((&report, name), &ordered, by)?;
    Ok((Waiting { report, batch }, state))
}

/// The authoriser puts a report in force.
pub async fn authorise(
    deps: &Deps,
    caller: &Caller,
    ask: pb::AuthoriseResultsRequest,
) -> Result<pb::AuthoriseResultsResponse> {
    let named = convert::named(name::report, &ask.name)?;
    let tenant = caller.tenant_for(&named.batch.tenant)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let (tx, by) = (&act.tx, caller.hand());
    let (waiting, state) = ending(tx, (&ask.name, &named), OnReport::Authorise, &by).await?;
    let Waiting { report, batch } = waiting;
    seen(&ask.digest, &said(tx, &report).await?)?;
    let next = reports::end(tx, &report, state, &by, "").await?;
    let settled = settle(deps, tx, &batch, &report).await?;
    let entry =
        audit::Entry::new("disbursement.results.authorise", &ask.name).after(&serde_json::json!({
            "credited": settled.iter().filter(|line| line.credited).count(),
            "returned": settled.iter().filter(|line| !line.credited).count(),
        }));
    act.record(entry).await?;
    outgoing::lines_settled(tx, &batch, deps.clock.today(), &settled)?;
    act.finish(pb::AuthoriseResultsResponse {
        report: Some(convert::report(&next)?),
    })
    .await
}

/// What a report says, in one word; also of one that was made before that was kept.
async fn said(tx: &Tx, report: &reports::Model) -> Result<String> {
    Ok(match report.digest.is_empty() {
        true => result::digest(&reports::results_of(tx, report.id).await?),
        false => report.digest.clone(),
    })
}

/// The authoriser declines a report: what it says may be reported anew.
pub async fn decline(
    deps: &Deps,
    caller: &Caller,
    ask: pb::DeclineResultsRequest,
) -> Result<pb::DeclineResultsResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let words = (ask.name.as_str(), ask.reason.as_str());
    let how = (OnReport::Decline, Some(ask.digest.as_str()));
    let answer = |report| pb::DeclineResultsResponse { report };
    give_up(deps, caller, key, words, how, answer).await
}

/// The operator takes a report back that nobody has authorised.
pub async fn withdraw(
    deps: &Deps,
    caller: &Caller,
    ask: pb::WithdrawResultsRequest,
) -> Result<pb::WithdrawResultsResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let words = (ask.name.as_str(), "");
    let answer = |report| pb::WithdrawResultsResponse { report };
    give_up(deps, caller, key, words, (OnReport::Withdraw, None), answer).await
}

/// Ends a report without effect; one that is declined is the one of which that digest was seen.
async fn give_up<Answer: prost::Message + Default>(
    deps: &Deps,
    caller: &Caller,
    key: Key,
    (name, words): (&str, &str),
    (how, digest): (OnReport, Option<&str>),
    answer: impl FnOnce(Option<pb::ResultReport>) -> Answer,
) -> Result<Answer> {
    let named = convert::named(name::report, name)?;
    let tenant = caller.tenant_for(&named.batch.tenant)?;
    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, tenant, key));
    let (tx, by) = (&act.tx, caller.hand());
    let (waiting, state) = ending(tx, (name, &named), how, &by).await?;
    if let Some(digest) = digest {
        seen(digest, &said(tx, &waiting.report).await?)?;
    }
    let next = reports::end(tx, &waiting.report, state, &by, words).await?;
    // Whoever reports on the batch at the same time has not seen that these keys are free.
    batches::advance(tx, &waiting.batch, waiting.batch.open_count).await?;
    let action = match how {
        OnReport::Withdraw => "disbursement.results.withdraw",
        OnReport::Decline | OnReport::Authorise => "disbursement.results.decline",
    };
    let entry = audit::Entry::new(action, name)
        .before(&waiting.report.state()?)
        .after(&state)
        .reason(words);
    act.record(entry).await?;
    act.finish(answer(Some(convert::report(&next)?))).await
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
