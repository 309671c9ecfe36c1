//! The bank: it takes released batches, credits what it can, returns the rest,
//! and keeps its own count of the money.

use std::collections::{BTreeMap, BTreeSet};

use tonic::Status;
use yuhui_kernel::{Money, Tenant, city};
use yuhui_proto::{
    authz::v1::Role,
    disbursement::v1::{
        AcknowledgeBatchRequest, AuthoriseResultsRequest, Batch, GetResultReportRequest,
        LineResult, ListBatchLinesRequest, ListBatchesRequest, PaymentLine, ReportResultsRequest,
        bank_agent_service_client::BankAgentServiceClient, batch, line_result::Outcome,
        payment_line,
    },
};

use super::{
    offices::{Offices, at, key},
    plot::BankStanding,
    received::Received,
};

/// Lines and batches listed at a time.
const PAGE: i32 = 500;
/// Results reported at a time.
const REPORT: usize = 2000;
/// Wrong account number.
const WRONG_NUMBER: &str = "AC01";
/// Closed account.
const CLOSED: &str = "AC04";

/// The bank's own books.
#[derive(Debug, Default)]
pub(crate) struct Bank {
    accounts: BTreeMap<String, BankStanding>,
    /// Keys of payments it has seen, and whether it answered for them.
    seen: BTreeMap<String, bool>,
    tallies: BTreeMap<(Tenant, i32), Tally>,
    credited: BTreeMap<String, i64>,
}

/// The bank's count of one county and round, in fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Sum of all lines received.
    pub(crate) received_fen: i64,
    /// Credited.
    pub(crate) credited_fen: i64,
    /// Returned, over all attempts.
    pub(crate) returned_fen: i64,
    /// Received and not answered.
    pub(crate) open_fen: i64,
    /// Lines received.
    pub(crate) lines: u64,
}

impl Bank {
    /// A bank that keeps `accounts`.
    pub(crate) fn new(accounts: BTreeMap<String, BankStanding>) -> Self {
        Self {
            accounts,
            ..Self::default()
        }
    }

    /// Its count by county and round.
    pub(crate) fn tallies(&self) -> &BTreeMap<(Tenant, i32), Tally> {
        &self.tallies
    }

    /// What it credited for a case.
    pub(crate) fn credited_for(&self, case: &str) -> i64 {
        self.credited.get(case).copied().unwrap_or(0)
    }

    /// Whether some answer comes a day late.
    pub(crate) fn is_slow(&self) -> bool {
        self.accounts.values().any(|it| *it == BankStanding::Slow)
    }

    /// Works off every open batch; with `late`, also the lines that take a day
    /// longer.
    pub(crate) async fn work(&mut self, offices: &Offices, late: bool) -> Result<(), Status> {
        for batch in open_batches(offices).await? {
            self.execute(offices, &batch, late).await?;
        }
        Ok(())
    }

    async fn execute(
        &mut self,
        offices: &Offices,
        batch: &Batch,
        late: bool,
    ) -> Result<(), Status> {
        let city = city().to_string();
        let operator = offices.of(Role::BankOperator, &city).await?;
        let authoriser = offices.of(Role::BankAuthoriser, &city).await?;
        let received = Received {
            lines: lines_of(offices, batch).await?,
        };
        if batch.state() == batch::State::Released {
            let ask = AcknowledgeBatchRequest {
                name: batch.name.clone(),
                line_count: i32::try_from(received.lines.len()).unwrap_or(i32::MAX),
                total_fen: received.total().map_or(0, Money::fen),
                hash: received.hash(&batch.name),
                request_id: key(),
            };
            at!(operator, BankAgentServiceClient.acknowledge_batch, ask)?;
        }
        let lines = received.lines;
        let results: Vec<LineResult> = lines
            .iter()
            .filter_map(|line| self.result_of(line, late))
            .collect();
        for part in results.chunks(REPORT) {
            let ask = ReportResultsRequest {
                parent: batch.name.clone(),
                results: part.to_vec(),
                request_id: key(),
            };
            let report = at!(operator, BankAgentServiceClient.report_results, ask)?.report;
            let name = report.unwrap_or_default().name;
            let ask = GetResultReportRequest { name: name.clone() };
            let seen = at!(authoriser, BankAgentServiceClient.get_result_report, ask)?.report;
            let ask = AuthoriseResultsRequest {
                name,
                digest: seen.unwrap_or_default().digest,
                request_id: key(),
            };
            at!(authoriser, BankAgentServiceClient.authorise_results, ask)?;
        }
        let keys: BTreeSet<&str> = results.iter().map(|it| it.payment_key.as_str()).collect();
        let county = county_of(&batch.name)?;
        for line in &lines {
            let answered = keys.contains(line.payment_key.as_str());
            self.count(county, batch.round, line, answered);
        }
        Ok(())
    }

    /// What becomes of a line; nothing while its answer takes longer.
    fn result_of(&self, line: &PaymentLine, late: bool) -> Option<LineResult> {
        if line.state() != payment_line::State::Sent {
            return None;
        }
        let (outcome, code) = match self.accounts.get(&line.account_number) {
            Some(BankStanding::Slow) if !late => return None,
            Some(BankStanding::Open | BankStanding::Slow) => (Outcome::Credited, ""),
            Some(BankStanding::Closed) => (Outcome::Returned, CLOSED),
            None => (Outcome::Returned, WRONG_NUMBER),
        };
        Some(LineResult {
            payment_key: line.payment_key.clone(),
            outcome: outcome.into(),
            return_code: code.into(),
            bank_reference: key(),
        })
    }

    fn count(&mut self, county: Tenant, round: i32, line: &PaymentLine, answered: bool) {
        let before = self.seen.get(&line.payment_key).copied();
        if before == Some(true) {
            return;
        }
        let tally = self.tallies.entry((county, round)).or_default();
        if before.is_none() {
            tally.received_fen += line.amount_fen;
            tally.open_fen += line.amount_fen;
            tally.lines += 1;
        }
        self.seen.insert(line.payment_key.clone(), answered);
        if !answered {
            return;
        }
        tally.open_fen -= line.amount_fen;
        let standing = self.accounts.get(&line.account_number);
        if matches!(standing, Some(BankStanding::Open | BankStanding::Slow)) {
            tally.credited_fen += line.amount_fen;
            *self.credited.entry(line.case.clone()).or_default() += line.amount_fen;
        } else {
            tally.returned_fen += line.amount_fen;
        }
    }
}

async fn open_batches(offices: &Offices) -> Result<Vec<Batch>, Status> {
    let operator = offices.of(Role::BankOperator, &city().to_string()).await?;
    let mut batches = Vec::new();
    let mut page_token = String::new();
    loop {
        let ask = ListBatchesRequest {
            parent: "counties/-".into(),
            page_size: PAGE,
            page_token,
            open_only: true,
        };
        let page = at!(operator, BankAgentServiceClient.list_batches, ask)?;
        batches.extend(page.batches);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(batches);
        }
    }
}

async fn lines_of(offices: &Offices, batch: &Batch) -> Result<Vec<PaymentLine>, Status> {
    let operator = offices.of(Role::BankOperator, &city().to_string()).await?;
    let mut lines = Vec::new();
    let mut page_token = String::new();
    loop {
        let ask = ListBatchLinesRequest {
            parent: batch.name.clone(),
            page_size: PAGE,
            page_token,
        };
        let page = at!(operator, BankAgentServiceClient.list_batch_lines, ask)?;
        lines.extend(page.lines);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(lines);
        }
    }
}

fn county_of(name: &str) -> Result<Tenant, Status> {
    let county = name
        .split('/')
        .nth(1)
        .and_then(|code| Tenant::parse(code).ok());
    county.ok_or_else(|| Status::internal(format!("{name} names no county")))
}
