//! `BreakGlassService`: emergency access, and who is told of it.

use std::sync::Arc;

use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::identity::v1::{self as pb, break_glass_service_server::BreakGlassService};

use crate::{acts::break_glass as acts, context::Context, reads::break_glass as reads};

/// Serves `BreakGlassService`.
pub(super) struct BreakGlass(pub(super) Arc<Context>);

#[tonic::async_trait]
impl BreakGlassService for BreakGlass {
    async fn open_break_glass(
        &self,
        request: Request<pb::OpenBreakGlassRequest>,
    ) -> Result<Response<pb::OpenBreakGlassResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(acts::open(&self.0, &caller, ask).await?))
    }

    async fn close_break_glass(
        &self,
        request: Request<pb::CloseBreakGlassRequest>,
    ) -> Result<Response<pb::CloseBreakGlassResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(acts::close(&self.0, &caller, ask).await?))
    }

    async fn review_break_glass(
        &self,
        request: Request<pb::ReviewBreakGlassRequest>,
    ) -> Result<Response<pb::ReviewBreakGlassResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(acts::review(&self.0, &caller, ask).await?))
    }

    async fn list_break_glass(
        &self,
        request: Request<pb::ListBreakGlassRequest>,
    ) -> Result<Response<pb::ListBreakGlassResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(reads::list(&self.0, &caller, &ask).await?))
    }
}
