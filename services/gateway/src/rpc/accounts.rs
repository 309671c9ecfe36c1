//! `AccountService`: accounts, kept by the security administrators.

use std::sync::Arc;

use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::identity::v1::{self as pb, account_service_server::AccountService};

use crate::{acts::accounts as acts, context::Context, reads::accounts as reads};

/// Serves `AccountService`.
pub(super) struct Accounts(pub(super) Arc<Context>);

#[tonic::async_trait]
impl AccountService for Accounts {
    async fn create_account(
        &self,
        request: Request<pb::CreateAccountRequest>,
    ) -> Result<Response<pb::CreateAccountResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(acts::create(&self.0, &caller, ask).await?))
    }

    async fn activate_account(
        &self,
        request: Request<pb::ActivateAccountRequest>,
    ) -> Result<Response<pb::ActivateAccountResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(acts::activate(&self.0, &caller, ask).await?))
    }

    async fn approve_account(
        &self,
        request: Request<pb::ApproveAccountRequest>,
    ) -> Result<Response<pb::ApproveAccountResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(acts::approve(&self.0, &caller, ask).await?))
    }

    async fn decline_account(
        &self,
        request: Request<pb::DeclineAccountRequest>,
    ) -> Result<Response<pb::DeclineAccountResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(acts::decline(&self.0, &caller, ask).await?))
    }

    async fn withdraw_account(
        &self,
        request: Request<pb::WithdrawAccountRequest>,
    ) -> Result<Response<pb::WithdrawAccountResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(acts::withdraw(&self.0, &caller, ask).await?))
    }

    async fn get_account(
        &self,
        request: Request<pb::GetAccountRequest>,
    ) -> Result<Response<pb::GetAccountResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(reads::get(&self.0, &caller, &ask).await?))
    }

    async fn list_accounts_to_approve(
        &self,
        request: Request<pb::ListAccountsToApproveRequest>,
    ) -> Result<Response<pb::ListAccountsToApproveResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            reads::to_approve(&self.0, &caller, &ask).await?,
        ))
    }

    async fn suspend_account(
        &self,
        request: Request<pb::SuspendAccountRequest>,
    ) -> Result<Response<pb::SuspendAccountResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(acts::suspend(&self.0, &caller, ask).await?))
    }

    async fn list_accounts(
        &self,
        request: Request<pb::ListAccountsRequest>,
    ) -> Result<Response<pb::ListAccountsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(reads::list(&self.0, &caller, &ask).await?))
    }
}
