//! `LedgerService`: the books, shown and recomputed.

use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::funding::v1::{self as pb, ledger_service_server::LedgerService};

use crate::{Deps, reads::books};

/// Serves the books.
pub struct Ledger(pub Deps);

#[tonic::async_trait]
impl LedgerService for Ledger {
    async fn get_trial_balance(
        &self,
        request: Request<pb::GetTrialBalanceRequest>,
    ) -> Result<Response<pb::GetTrialBalanceResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = books::trial_balance(&self.0, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn list_journals(
        &self,
        request: Request<pb::ListJournalsRequest>,
    ) -> Result<Response<pb::ListJournalsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            books::journals(&self.0, &caller, &ask).await?,
        ))
    }

    async fn verify_book(
        &self,
        request: Request<pb::VerifyBookRequest>,
    ) -> Result<Response<pb::VerifyBookResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(books::verdict(&self.0, &caller, &ask).await?))
    }

    async fn get_reconciliation(
        &self,
        request: Request<pb::GetReconciliationRequest>,
    ) -> Result<Response<pb::GetReconciliationResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            books::reconciliation(&self.0, &caller, &ask).await?,
        ))
    }
}
