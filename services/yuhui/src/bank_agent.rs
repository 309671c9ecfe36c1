//! A bank agent (代理发放金融机构), as a bank would write one: it knows the public
//! contract and nothing else. It signs in as operator and as authoriser, takes
//! released batches, acknowledges what it received, pays by a deterministic
//! policy, reports by line and has the report authorised (126号 五(三)2).

mod command;
mod ledger;
mod policy;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use tonic::transport::Channel;
use yuhui_proto::disbursement::v1::{
    self as pb, bank_agent_service_client::BankAgentServiceClient,
};
use yuhui_rehearsal::Received;

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
        let mut parts = vec!["report", batch];
        parts.extend(lines.iter().map(|line| line.payment_key.as_str()));
        let ask = pb::ReportResultsRequest {
            parent: batch.into(),
            results: lines.iter().map(|line| self.result(line)).collect(),
            request_id: request_id(&parts),
        };
        let mut bank = calling(&mut self.operator).await?;
        let answer = bank
            .report_results(ask)
            .await
            .context("report")?
            .into_inner();
        let report = answer.report.context("an answer without its report")?;
        let mut bank = calling(&mut self.authoriser).await?;
        let ask = pb::GetResultReportRequest {
            name: report.name.clone(),
        };
        let seen = bank.get_result_report(ask).await.context("read")?;
        let seen = seen.into_inner().report.context("no report")?;
        let ask = pb::AuthoriseResultsRequest {
            request_id: request_id(&["authorise", &report.name]),
            name: report.name,
            digest: seen.digest,
        };
        bank.authorise_results(ask).await.context("authorise")?;
        for line in lines {
            self.report.add(line.amount_fen, self.policy.decide(line))?;
        }
        Ok(())
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
fn request_id(parts: &[&str]) -> String {
    const BYTES: usize = 16;
    let digest = Sha256::digest(parts.join("\n"));
    hex::encode(digest.get(..BYTES).unwrap_or_default())
}

#[cfg(test)]
mod tests;
