//! `OperationService`: each operation is its service's to answer for; the name says whose it is.

use std::{pin::Pin, time::Duration};

use futures::{Stream, TryStreamExt as _};
use tonic::{Request, Response, Status, service::interceptor::InterceptedService};
use yuhui_platform::{
    Caller, Error, caller,
    peers::{Bearer, Line, Peers},
    refusal::{self, not_found},
};
use yuhui_proto::operations::v1::{
    self as pb, operation_service_client::OperationServiceClient,
    operation_service_server::OperationService,
};

/// The services whose acts go on as operations.
const OWNERS: [&str; 2] = ["eligibility", "disbursement"];

/// Serves `OperationService`.
pub(super) struct Operations(Peers);

/// The way to a service.
type Owner = OperationServiceClient<InterceptedService<Line, Bearer>>;

impl Operations {
    pub(super) fn new(peers: &Peers) -> Self {
        // The caller's deadline alone decides how long a service may take.
        Self(peers.clone().patience(Duration::from_secs(3600)))
    }

    /// The service that `counties/{county}/services/{service}…` names.
    fn owner(&self, caller: &Caller, name: &str) -> Result<Owner, Status> {
        let named = name.split('/').nth(3);
        let service = OWNERS.into_iter().find(|it| Some(*it) == named);
        let service = service.ok_or_else(|| refusal::status(&not_found(name)))?;
        Ok(OperationServiceClient::new(self.0.call(service, caller)?))
    }
}

/// What the service said; or that it did not answer, or not in time.
fn said<T>(answer: Result<Response<T>, Status>) -> Result<Response<T>, Status> {
    let answer = answer.map_err(told)?;
    Ok(Response::new(answer.into_inner()))
}

/// A refusal as it goes outside.
fn told(status: Status) -> Status {
    Error::from(status).into()
}

#[tonic::async_trait]
impl OperationService for Operations {
    async fn get_operation(
        &self,
        request: Request<pb::GetOperationRequest>,
    ) -> Result<Response<pb::GetOperationResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let mut owner = self.owner(&caller, &ask.name)?;
        said(owner.get_operation(ask).await)
    }

    async fn list_operations(
        &self,
        request: Request<pb::ListOperationsRequest>,
    ) -> Result<Response<pb::ListOperationsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let mut owner = self.owner(&caller, &ask.parent)?;
        said(owner.list_operations(ask).await)
    }

    async fn list_operation_items(
        &self,
        request: Request<pb::ListOperationItemsRequest>,
    ) -> Result<Response<pb::ListOperationItemsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let mut owner = self.owner(&caller, &ask.parent)?;
        said(owner.list_operation_items(ask).await)
    }

    async fn wait_operation(
        &self,
        request: Request<pb::WaitOperationRequest>,
    ) -> Result<Response<pb::WaitOperationResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let mut owner = self.owner(&caller, &ask.name)?;
        said(owner.wait_operation(ask).await)
    }

    type WatchOperationStream =
        Pin<Box<dyn Stream<Item = Result<pb::WatchOperationResponse, Status>> + Send>>;

    async fn watch_operation(
        &self,
        request: Request<pb::WatchOperationRequest>,
    ) -> Result<Response<Self::WatchOperationStream>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let mut owner = self.owner(&caller, &ask.name)?;
        let watched = said(owner.watch_operation(ask).await)?;
        Ok(watched.map(|it| Box::pin(it.map_err(told)) as Self::WatchOperationStream))
    }

    async fn cancel_operation(
        &self,
        request: Request<pb::CancelOperationRequest>,
    ) -> Result<Response<pb::CancelOperationResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let mut owner = self.owner(&caller, &ask.name)?;
        said(owner.cancel_operation(ask).await)
    }
}
