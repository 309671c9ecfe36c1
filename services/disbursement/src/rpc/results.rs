//! Results of the bank: reported by the operator, in force once the
//! authoriser confirms them (F21, F22).

use std::collections::{BTreeMap, HashMap};

use yuhui_kernel::dates;
use yuhui_platform::{
    Caller, Error, Result, audit, clock::fresh_id, db::Tx, idempotency::Key, outbox,
    refusal::not_found,
};
use yuhui_proto::{
    disbursement::v1 as pb,
    events::v1::{Event, LineSettled, LinesSettled, event::Payload},
};

use super::{bank::Bank, hand, named, show};
use crate::{
    DESTINATIONS, TOLD_TOGETHER,
    domain::{
        hand::Hand,
        line::{LineState, Step},
        name,
        result::{self, BankResult, MAX_RESULTS, Outcome},
    },
    refusal::Refused,
    store::{batches, lines, orders, reports},
};

impl Bank {
    pub(super) async fn report(
        &self,
        caller: &Caller,
        ask: pb::ReportResultsRequest,
    ) -> Result<pb::ReportResultsResponse> {
        let batch = named(name::batch, &ask.parent)?;
        let tenant = caller.tenant_for(&batch.tenant)?;
        if !(1..=MAX_RESULTS).contains(&ask.results.len()) {
            return Err(Refused::ReportSize.into());
        }
        let key = Key::new(caller, &ask.request_id, &ask)?;
        let tx = self.0.db.begin(tenant).await?;
        if let Some(answer) = key.answered(&tx).await? {
            return Ok(answer);
        }
        let row = batches::get(&tx, batch.id).await?;
        let row = row.ok_or_else(|| not_found(&ask.parent))?;
        if !row.acknowledged {
            return Err(Refused::BatchNotAcknowledged { batch: ask.parent }.into());
        }
        other_than_ordered(&tx, &row, &hand(caller)).await?;
        let report = self.keep(&tx, caller, &row, ask.results).await?;
        let answer = pb::ReportResultsResponse {
            report: Some(show::report(&report)),
        };
        key.remember(&tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// Keeps what is new in `results`. If nothing is, the report that brought
    /// the first of them is the answer, and nothing changes.
    async fn keep(
        &self,
        tx: &Tx,
        caller: &Caller,
        batch: &batches::Model,
        results: Vec<pb::LineResult>,
    ) -> Result<reports::Model> {
        let report: Vec<BankResult> = results.into_iter().map(read).collect();
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
        let report = reports::insert(tx, (fresh_id(), batch.id), &hand(caller), &news).await?;
        let object = name::of_report(&report.tenant, batch.id, report.id);
        let entry = audit::Entry::new("disbursement.results.report", object)
            .after(&serde_json::json!({ "results": news.len() }));
        audit::record(tx, caller, self.0.clock.now(), entry).await?;
        Ok(report)
    }

    pub(super) async fn authorise(
        &self,
        caller: &Caller,
        ask: pb::AuthoriseResultsRequest,
    ) -> Result<pb::AuthoriseResultsResponse> {
        let report = named(name::report, &ask.name)?;
        let tenant = caller.tenant_for(&report.batch.tenant)?;
        let key = Key::new(caller, &ask.request_id, &ask)?;
        let tx = self.0.db.begin(tenant).await?;
        if let Some(answer) = key.answered(&tx).await? {
            return Ok(answer);
        }
        let row = reports::get(&tx, report.id).await?;
        let row = row.filter(|row| row.batch_id == report.batch.id);
        let row = row.ok_or_else(|| not_found(&ask.name))?;
        let batch = batches::get(&tx, row.batch_id).await?;
        let batch = batch.ok_or_else(|| not_found(&ask.name))?;
        if row.authoriser.is_some() {
            return Err(Refused::ReportAuthorised { report: ask.name }.into());
        }
        let by = hand(caller);
        if row.operator()?.is(&by) {
            return Err(Refused::SameMaker.into());
        }
        other_than_ordered(&tx, &batch, &by).await?;
        let next = reports::authorise(&tx, &row, &by).await?;
        let settled = self.settle(&tx, &batch, &row).await?;
        let entry = audit::Entry::new("disbursement.results.authorise", &ask.name).after(
            &serde_json::json!({
                "credited": settled.iter().filter(|line| line.credited).count(),
                "returned": settled.iter().filter(|line| !line.credited).count(),
            }),
        );
        audit::record(&tx, caller, self.0.clock.now(), entry).await?;
        self.tell(&tx, &batch, &settled)?;
        let answer = pb::AuthoriseResultsResponse {
            report: Some(show::report(&next)),
        };
        key.remember(&tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// Applies the results of a report to the lines of its batch.
    async fn settle(
        &self,
        tx: &Tx,
        batch: &batches::Model,
        report: &reports::Model,
    ) -> Result<Vec<LineSettled>> {
        let today = self.0.clock.today();
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

    /// Tells ledger and eligibility of the results.
    fn tell(&self, tx: &Tx, batch: &batches::Model, settled: &[LineSettled]) -> Result<()> {
        for lines in settled.chunks(TOLD_TOGETHER) {
            let event = Event {
                effective_on: dates::format(self.0.clock.today()),
                payload: Some(Payload::LinesSettled(LinesSettled {
                    batch: name::of_batch(&batch.tenant, batch.id),
                    round: batch.round,
                    lines: lines.to_vec(),
                })),
                ..Event::default()
            };
            for destination in DESTINATIONS {
                outbox::publish(tx, destination, event.clone())?;
            }
        }
        Ok(())
    }
}

/// The bank acknowledges, reports and authorises by other hands than those that ordered and released
/// the payment (DYN-4).
pub(super) async fn other_than_ordered(tx: &Tx, batch: &batches::Model, by: &Hand) -> Result<()> {
    let order = orders::get(tx, batch.order_id).await?;
    let order = order.ok_or_else(|| Error::fault("a batch without its order"))?;
    if order.hands()?.include(by) {
        return Err(Refused::SameHands.into());
    }
    Ok(())
}

fn read(result: pb::LineResult) -> BankResult {
    let outcome = match result.outcome() {
        pb::line_result::Outcome::Credited => Some(Outcome::Credited),
        pb::line_result::Outcome::Returned => Some(Outcome::Returned),
        pb::line_result::Outcome::Unspecified => None,
    };
    BankResult {
        payment_key: result.payment_key,
        outcome,
        return_code: result.return_code,
        bank_reference: result.bank_reference,
    }
}
