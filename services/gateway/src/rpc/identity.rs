//! `IdentityService`: signing in and out.

use std::sync::Arc;

use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::identity::v1::{self as pb, identity_service_server::IdentityService};

use crate::{
    acts::{granted_session, password, session, sign_in},
    context::Context,
    reads,
};

/// Serves `IdentityService`.
pub(super) struct Identity(pub(super) Arc<Context>);

#[tonic::async_trait]
impl IdentityService for Identity {
    async fn sign_in(
        &self,
        request: Request<pb::SignInRequest>,
    ) -> Result<Response<pb::SignInResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            sign_in::sign_in(&self.0, &caller, ask).await?,
        ))
    }

    async fn refresh_session(
        &self,
        request: Request<pb::RefreshSessionRequest>,
    ) -> Result<Response<pb::RefreshSessionResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            session::refresh(&self.0, &caller, &ask).await?,
        ))
    }

    async fn sign_out(
        &self,
        request: Request<pb::SignOutRequest>,
    ) -> Result<Response<pb::SignOutResponse>, Status> {
        let (caller, _) = caller::accept(request)?;
        Ok(Response::new(session::sign_out(&self.0, &caller).await?))
    }

    async fn get_session(
        &self,
        request: Request<pb::GetSessionRequest>,
    ) -> Result<Response<pb::GetSessionResponse>, Status> {
        let (caller, _) = caller::accept(request)?;
        Ok(Response::new(reads::session::get(&self.0, &caller).await?))
    }

    async fn open_granted_session(
        &self,
        request: Request<pb::OpenGrantedSessionRequest>,
    ) -> Result<Response<pb::OpenGrantedSessionResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            granted_session::open(&self.0, &caller, ask).await?,
        ))
    }

    async fn change_password(
        &self,
        request: Request<pb::ChangePasswordRequest>,
    ) -> Result<Response<pb::ChangePasswordResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            password::change(&self.0, &caller, ask).await?,
        ))
    }
}
