//! The work queue.

use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::work::v1::{
    CountWorkItemsRequest, CountWorkItemsResponse, ListWorkItemsRequest, ListWorkItemsResponse,
    work_service_server::WorkService,
};

use super::Handlers;
use crate::reads::work;

#[tonic::async_trait]
impl WorkService for Handlers {
    async fn list_work_items(
        &self,
        request: Request<ListWorkItemsRequest>,
    ) -> Result<Response<ListWorkItemsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(work::list(&self.0, &caller, ask).await?))
    }

    async fn count_work_items(
        &self,
        request: Request<CountWorkItemsRequest>,
    ) -> Result<Response<CountWorkItemsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(work::count(&self.0, &caller, ask).await?))
    }
}
