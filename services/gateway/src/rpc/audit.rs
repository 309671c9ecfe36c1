//! `AuditService`: the audit record of every service, for supervision.

use std::sync::Arc;

use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::audit::v1::{self as pb, audit_service_server::AuditService};

use crate::{context::Context, reads::audit};

/// Serves `AuditService`.
pub(super) struct Audit(pub(super) Arc<Context>);

#[tonic::async_trait]
impl AuditService for Audit {
    async fn list_entries(
        &self,
        request: Request<pb::ListEntriesRequest>,
    ) -> Result<Response<pb::ListEntriesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(audit::list(&self.0, &caller, ask).await?))
    }

    async fn verify_chain(
        &self,
        request: Request<pb::VerifyChainRequest>,
    ) -> Result<Response<pb::VerifyChainResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(audit::verify(&self.0, &caller, ask).await?))
    }
}
