//! `BankAgentService`: the bank's side.

use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::disbursement::v1::{self as pb, bank_agent_service_server::BankAgentService};

use crate::{
    Deps,
    acts::{acknowledge, results},
    reads::batches,
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
}
