//! `BankAgentService`: the bank's side.

use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::disbursement::v1::{self as pb, bank_agent_service_server::BankAgentService};

use crate::{
    Deps,
    acts::{acknowledge, results},
    reads::{batches, reports},
};

/// The service.
pub struct Bank(pub Deps);

#[tonic::async_trait]
impl BankAgentService for Bank {
    async fn list_batches(
        &self,
        request: Request<pb::ListBatchesRequest>,
    ) -> Result<Response<pb::ListBatchesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(batches::list(&self.0, &caller, &ask).await?))
    }

    async fn get_batch(
        &self,
        request: Request<pb::GetBatchRequest>,
    ) -> Result<Response<pb::GetBatchResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(batches::get(&self.0, &caller, &ask).await?))
    }

    async fn list_batch_lines(
        &self,
        request: Request<pb::ListBatchLinesRequest>,
    ) -> Result<Response<pb::ListBatchLinesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            batches::list_lines(&self.0, &caller, &ask).await?,
        ))
    }

    async fn acknowledge_batch(
        &self,
        request: Request<pb::AcknowledgeBatchRequest>,
    ) -> Result<Response<pb::AcknowledgeBatchResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            acknowledge::acknowledge(&self.0, &caller, ask).await?,
        ))
    }

    async fn report_results(
        &self,
        request: Request<pb::ReportResultsRequest>,
    ) -> Result<Response<pb::ReportResultsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(results::report(&self.0, &caller, ask).await?))
    }

    async fn authorise_results(
        &self,
        request: Request<pb::AuthoriseResultsRequest>,
    ) -> Result<Response<pb::AuthoriseResultsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            results::authorise(&self.0, &caller, ask).await?,
        ))
    }

    async fn get_result_report(
        &self,
        request: Request<pb::GetResultReportRequest>,
    ) -> Result<Response<pb::GetResultReportResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = reports::get(&self.0, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn list_result_reports(
        &self,
        request: Request<pb::ListResultReportsRequest>,
    ) -> Result<Response<pb::ListResultReportsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = reports::list(&self.0, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn list_reported_results(
        &self,
        request: Request<pb::ListReportedResultsRequest>,
    ) -> Result<Response<pb::ListReportedResultsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = reports::results(&self.0, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn decline_results(
        &self,
        request: Request<pb::DeclineResultsRequest>,
    ) -> Result<Response<pb::DeclineResultsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = results::decline(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }

    async fn withdraw_results(
        &self,
        request: Request<pb::WithdrawResultsRequest>,
    ) -> Result<Response<pb::WithdrawResultsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = results::withdraw(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }
}
