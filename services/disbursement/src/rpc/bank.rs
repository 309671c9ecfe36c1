//! The bank's side: released batches and their lines, acknowledged and read.
//! Results are in [`super::results`].

use tonic::{Request, Response, Status};
use yuhui_kernel::Money;
use yuhui_platform::{
    Caller, Result, audit, caller, db::Tenancy, idempotency::Key, paging::Page, refusal::not_found,
};
use yuhui_proto::disbursement::v1::{self as pb, bank_agent_service_server::BankAgentService};

use super::{hand, named, results::other_than_ordered, show};
use crate::{
    Deps,
    domain::{batch::Seal, name},
    refusal::Refused,
    store::{batches, lines},
};

/// The service.
pub struct Bank(pub Deps);

impl Bank {
    async fn list(
        &self,
        caller: &Caller,
        ask: pb::ListBatchesRequest,
    ) -> Result<pb::ListBatchesResponse> {
        let tenancy = match ask.parent.as_str() {
            name::EVERY_COUNTY => caller.tenancy(),
            one => Tenancy::One(caller.tenant_for(&named(name::county, one)?)?),
        };
        let page = Page::parse(ask.page_size, &ask.page_token)?;
        let tx = self.0.db.read(tenancy).await?;
        let rows = batches::page(&tx, ask.open_only, &page).await?;
        let (rows, next_page_token) = page.cut(rows, |row| row.id.to_string());
        Ok(pb::ListBatchesResponse {
            batches: rows.iter().map(show::batch).collect(),
            next_page_token,
        })
    }

    /// A page of lines with full account numbers: the reading goes on record,
    /// so this transaction writes.
    async fn list_lines(
        &self,
        caller: &Caller,
        ask: pb::ListBatchLinesRequest,
    ) -> Result<pb::ListBatchLinesResponse> {
        let batch = named(name::batch, &ask.parent)?;
        let tenant = caller.tenant_for(&batch.tenant)?;
        let page = Page::parse(ask.page_size, &ask.page_token)?;
        let tx = self.0.db.begin(tenant).await?;
        let known = batches::get(&tx, batch.id).await?;
        known.ok_or_else(|| not_found(&ask.parent))?;
        let rows = lines::page_of_batch(&tx, batch.id, &page).await?;
        let (rows, next_page_token) = page.cut(rows, |row| row.id.to_string());
        let entry = audit::Entry::new("disbursement.batch.read-accounts", &ask.parent)
            .note(format!("{} lines", rows.len()));
        audit::record(&tx, caller, self.0.clock.now(), entry).await?;
        tx.commit().await?;
        let lines = rows.into_iter().map(|row| {
            let account_number = row.account_number(&self.0.vault)?;
            show::line_with(&self.0.vault, row, account_number)
        });
        Ok(pb::ListBatchLinesResponse {
            lines: lines.collect::<Result<_>>()?,
            next_page_token,
        })
    }

    async fn acknowledge(
        &self,
        caller: &Caller,
        ask: pb::AcknowledgeBatchRequest,
    ) -> Result<pb::AcknowledgeBatchResponse> {
        let batch = named(name::batch, &ask.name)?;
        let tenant = caller.tenant_for(&batch.tenant)?;
        let key = Key::new(caller, &ask.request_id, &ask)?;
        let tx = self.0.db.begin(tenant).await?;
        if let Some(answer) = key.answered(&tx).await? {
            return Ok(answer);
        }
        let row = batches::get(&tx, batch.id).await?;
        let mut row = row.ok_or_else(|| not_found(&ask.name))?;
        other_than_ordered(&tx, &row, &hand(caller)).await?;
        let received = Seal {
            line_count: ask.line_count,
            total: Money::from_fen(ask.total_fen),
            hash: ask.hash.to_ascii_lowercase(),
        };
        let differences = row.seal().differences(&received);
        if !differences.is_empty() {
            return Err(Refused::BatchDiffers(differences).into());
        }
        if !row.acknowledged {
            row = batches::advance(&tx, &row, row.open_count).await?;
            let entry = audit::Entry::new("disbursement.batch.acknowledge", &ask.name);
            audit::record(&tx, caller, self.0.clock.now(), entry).await?;
        }
        let answer = pb::AcknowledgeBatchResponse {
            batch: Some(show::batch(&row)),
        };
        key.remember(&tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }
}

#[tonic::async_trait]
impl BankAgentService for Bank {
    async fn list_batches(
        &self,
        request: Request<pb::ListBatchesRequest>,
    ) -> Result<Response<pb::ListBatchesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.list(&caller, ask).await?))
    }

    async fn list_batch_lines(
        &self,
        request: Request<pb::ListBatchLinesRequest>,
    ) -> Result<Response<pb::ListBatchLinesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.list_lines(&caller, ask).await?))
    }

    async fn acknowledge_batch(
        &self,
        request: Request<pb::AcknowledgeBatchRequest>,
    ) -> Result<Response<pb::AcknowledgeBatchResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.acknowledge(&caller, ask).await?))
    }

    async fn report_results(
        &self,
        request: Request<pb::ReportResultsRequest>,
    ) -> Result<Response<pb::ReportResultsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.report(&caller, ask).await?))
    }

    async fn authorise_results(
        &self,
        request: Request<pb::AuthoriseResultsRequest>,
    ) -> Result<Response<pb::AuthoriseResultsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.authorise(&caller, ask).await?))
    }
}
