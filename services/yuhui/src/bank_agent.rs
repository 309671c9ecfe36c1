//! A bank agent (代理发放金融机构), as a bank would write one: it knows the public
//! contract and nothing else. It signs in as operator and as authoriser, takes
//! released batches, acknowledges what it received, pays by a deterministic
//! policy, reports by line and has the report authorised (126号 五(三)2).

mod command;
mod ledger;
mod policy;

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};
use tonic::transport::Channel;
use yuhui_proto::disbursement::v1::{
    self as pb, bank_agent_service_client::BankAgentServiceClient,
};
use yuhui_rehearsal::{Received, digest_of};

pub use command::Args;
pub use ledger::{Progress, Report};
pub use policy::{Decision, Policy};

pub use crate::session::Credentials;
use crate::session::{Session, SignedIn};

/// Lines asked for at a time.
const PAGE: i32 = 500;
/// Lines reported at a time. They are taken in a fixed order, so that a run
/// that was cut off is taken up with the same reports.
const REPORT: usize = 1000;

/// Executes every open batch once; `progress` hears of each report in force.
pub async fn run(
    channel: Channel,
    operator: Credentials,
    authoriser: Credentials,
    policy: &Policy,
    progress: &mut (dyn FnMut(&Progress) + Send),
) -> Result<Report> {
    let mut agent = Agent {
        operator: Session::new(channel.clone(), operator),
        authoriser: Session::new(channel, authoriser),
        policy,
        report: Report::default(),
    };
    for batch in agent.open_batches().await? {
        agent
            .execute(&batch, progress)
            .await
            .with_context(|| format!("batch {}", batch.name))?;
    }
    Ok(agent.report)
}

/// The bank's side of the contract, called by an account.
async fn calling(account: &mut Session) -> Result<BankAgentServiceClient<SignedIn>> {
    Ok(BankAgentServiceClient::new(account.channel().await?))
}

struct Agent<'a> {
    operator: Session,
    authoriser: Session,
    policy: &'a Policy,
    report: Report,
}

impl Agent<'_> {
    /// Batches with lines that have no result, oldest first.
    async fn open_batches(&mut self) -> Result<Vec<pb::Batch>> {
        let (mut batches, mut page_token) = (Vec::new(), String::new());
        loop {
            let ask = pb::ListBatchesRequest {
                parent: "counties/-".into(),
                page_size: PAGE,
                page_token,
                open_only: true,
            };
            let answer = calling(&mut self.operator).await?.list_batches(ask).await?;
            let answer = answer.into_inner();
            batches.extend(answer.batches);
            page_token = answer.next_page_token;
            if page_token.is_empty() {
                return Ok(batches);
            }
        }
    }

    async fn execute(
        &mut self,
        batch: &pb::Batch,
        progress: &mut (dyn FnMut(&Progress) + Send),
    ) -> Result<()> {
        let received = self.receive(&batch.name).await?;
        self.acknowledge(batch, &received).await?;
        self.report.batches += 1;
        let mut done = 0;
        for lines in received.lines.chunks(REPORT) {
            done += lines.len();
            let open: Vec<_> = lines.iter().filter(|line| is_open(line)).collect();
            if !open.is_empty() {
                self.settle(&batch.name, &open).await?;
            }
            progress(&Progress {
                batch: batch.name.clone(),
                done,
                of: received.lines.len(),
            });
        }
        Ok(())
    }

    /// Every line of a batch, as it is listed.
    async fn receive(&mut self, parent: &str) -> Result<Received> {
        let (mut lines, mut page_token) = (Vec::new(), String::new());
        loop {
            let ask = pb::ListBatchLinesRequest {
                parent: parent.into(),
                page_size: PAGE,
                page_token,
            };
            let answer = calling(&mut self.operator)
                .await?
                .list_batch_lines(ask)
                .await?;
            let answer = answer.into_inner();
            lines.extend(answer.lines);
            page_token = answer.next_page_token;
            if page_token.is_empty() {
                return Ok(Received { lines });
            }
        }
    }

    /// Says what was received, not what was announced: a difference is for
    /// the other side to refuse.
    async fn acknowledge(&mut self, batch: &pb::Batch, received: &Received) -> Result<()> {
        let ask = pb::AcknowledgeBatchRequest {
            name: batch.name.clone(),
            line_count: i32::try_from(received.lines.len())?,
            total_fen: received.total().context("a sum that does not fit")?.fen(),
            hash: received.hash(&batch.name),
            request_id: request_id(&["acknowledge", &batch.name]),
        };
        let mut bank = calling(&mut self.operator).await?;
        bank.acknowledge_batch(ask).await.context("acknowledge")?;
        Ok(())
    }

    /// Reports lines and has the report authorised.
    async fn settle(&mut self, batch: &str, lines: &[&pb::PaymentLine]) -> Result<()> {
        let results: Vec<_> = lines.iter().map(|line| self.result(line)).collect();
        let report = self.reported(batch, &results).await?;
        if report.state() != pb::result_report::State::Authorised {
            let ask = pb::AuthoriseResultsRequest {
                request_id: request_id(&["authorise", &report.name]),
                digest: self.looked_at(&report.name, &results).await?,
                name: report.name,
            };
            let mut bank = calling(&mut self.authoriser).await?;
            bank.authorise_results(ask).await.context("authorise")?;
        }
        for line in lines {
            self.report.add(line.amount_fen, self.policy.decide(line))?;
        }
        Ok(())
    }

    /// The report of `results`, as the authoriser finds it. One that was declined or withdrawn is made anew.
    async fn reported(
        &mut self,
        batch: &str,
        results: &[pb::LineResult],
    ) -> Result<pb::ResultReport> {
        use pb::result_report::State;
        let mut parts = vec!["report".to_owned(), batch.to_owned()];
        parts.extend(results.iter().map(|it| it.payment_key.clone()));
        loop {
            let ask = pb::ReportResultsRequest {
                parent: batch.into(),
                results: results.to_vec(),
                request_id: request_id(&parts),
            };
            let mut bank = calling(&mut self.operator).await?;
            let made = bank.report_results(ask).await.context("report")?;
            let made = made.into_inner().report;
            let name = made.context("an answer without its report")?.name;
            let ask = pb::GetResultReportRequest { name };
            let mut bank = calling(&mut self.authoriser).await?;
            let seen = bank.get_result_report(ask).await.context("read")?;
            let seen = seen.into_inner().report.context("no report")?;
            match seen.state() {
                State::Declined | State::Withdrawn => parts.push(seen.name),
                _ => return Ok(seen),
            }
        }
    }

    /// The digest of what a report says, which must be what the bank did.
    async fn looked_at(&mut self, report: &str, results: &[pb::LineResult]) -> Result<String> {
        let (mut said, mut page_token) = (Vec::new(), String::new());
        loop {
            let ask = pb::ListReportedResultsRequest {
                parent: report.into(),
                page_size: PAGE,
                page_token,
            };
            let mut bank = calling(&mut self.authoriser).await?;
            let page = bank.list_reported_results(ask).await.context("read")?;
            let page = page.into_inner();
            said.extend(page.results);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        match said.iter().find(|it| !results.contains(it)) {
            Some(other) => bail!(
                "{report} says of {} what the bank did not do",
                other.payment_key
            ),
            None => Ok(digest_of(&said)),
        }
    }

    fn result(&self, line: &pb::PaymentLine) -> pb::LineResult {
        use pb::line_result::Outcome;
        let (outcome, return_code) = match self.policy.decide(line) {
            Decision::Credit => (Outcome::Credited, ""),
            Decision::Return(code) => (Outcome::Returned, code),
        };
        pb::LineResult {
            payment_key: line.payment_key.clone(),
            outcome: outcome.into(),
            return_code: return_code.into(),
            bank_reference: request_id(&["payment", &line.payment_key]),
        }
    }
}

/// Whether the line has no result yet.
fn is_open(line: &pb::PaymentLine) -> bool {
    line.state() == pb::payment_line::State::Sent
}

/// A key that is the same whenever the same thing is done.
fn request_id<Part: AsRef<str>>(parts: &[Part]) -> String {
    const BYTES: usize = 16;
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    let digest = Sha256::digest(parts.join("\n"));
    hex::encode(digest.get(..BYTES).unwrap_or_default())
}

#[cfg(test)]
mod tests;
