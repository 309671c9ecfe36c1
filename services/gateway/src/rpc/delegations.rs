//! `DelegationService`: who acts for whom.

use std::sync::Arc;

use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::identity::v1::{self as pb, delegation_service_server::DelegationService};

use crate::{acts::delegations as acts, context::Context, reads::delegations as reads};

/// Serves `DelegationService`.
pub(super) struct Delegations(pub(super) Arc<Context>);

#[tonic::async_trait]
impl DelegationService for Delegations {
    async fn grant_delegation(
        &self,
        request: Request<pb::GrantDelegationRequest>,
    ) -> Result<Response<pb::GrantDelegationResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(acts::grant(&self.0, &caller, ask).await?))
    }

    async fn revoke_delegation(
        &self,
        request: Request<pb::RevokeDelegationRequest>,
    ) -> Result<Response<pb::RevokeDelegationResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(acts::revoke(&self.0, &caller, ask).await?))
    }

    async fn list_delegations(
        &self,
        request: Request<pb::ListDelegationsRequest>,
    ) -> Result<Response<pb::ListDelegationsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(reads::list(&self.0, &caller, &ask).await?))
    }
}
