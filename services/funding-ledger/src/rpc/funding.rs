//! `FundingService`: shares, receipts, remittances, recoveries; one proposes, another approves.

use tonic::{Request, Response, Status};
use yuhui_kernel::{Tenant, resource_name};
use yuhui_platform::{caller, inbox::Inbox};
use yuhui_proto::funding::v1::{self as pb, funding_service_server::FundingService};

use crate::{
    Deps,
    acts::{approve, decline, endorse, propose},
    events::incoming::Events,
    reads::{proposals, shares},
};

/// Serves finance.
pub struct Funding {
    pub deps: Deps,
    pub inbox: Inbox<Events>,
}

impl Funding {
    /// What follows the approval of the proposal `name`, in transactions of its own: the city's
    /// book, and events that waited for what was posted. Both are caught up later if this fails.
    async fn posted<T>(&self, name: &str, answer: T) -> Response<T> {
        let county = resource_name::child(name, "proposals");
        if let Some(Ok(county)) = county.map(|(code, _)| Tenant::parse(code)) {
            self.inbox.follow(county).await;
        }
        Response::new(answer)
    }
}

#[tonic::async_trait]
impl FundingService for Funding {
    async fn propose_appropriation(
        &self,
        request: Request<pb::ProposeAppropriationRequest>,
    ) -> Result<Response<pb::ProposeAppropriationResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = propose::appropriation(&self.deps, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn approve_appropriation(
        &self,
        request: Request<pb::ApproveAppropriationRequest>,
    ) -> Result<Response<pb::ApproveAppropriationResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = approve::appropriation(&self.deps, &caller, &ask).await?;
        Ok(self.posted(&ask.name, answer).await)
    }

    async fn propose_supplement(
        &self,
        request: Request<pb::ProposeSupplementRequest>,
    ) -> Result<Response<pb::ProposeSupplementResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = propose::supplement(&self.deps, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn approve_supplement(
        &self,
        request: Request<pb::ApproveSupplementRequest>,
    ) -> Result<Response<pb::ApproveSupplementResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = approve::supplement(&self.deps, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn propose_year_close(
        &self,
        request: Request<pb::ProposeYearCloseRequest>,
    ) -> Result<Response<pb::ProposeYearCloseResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = propose::year_close(&self.deps, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn approve_year_close(
        &self,
        request: Request<pb::ApproveYearCloseRequest>,
    ) -> Result<Response<pb::ApproveYearCloseResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = approve::year_close(&self.deps, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn propose_county_share(
        &self,
        request: Request<pb::ProposeCountyShareRequest>,
    ) -> Result<Response<pb::ProposeCountyShareResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = propose::county_share(&self.deps, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn approve_county_share(
        &self,
        request: Request<pb::ApproveCountyShareRequest>,
    ) -> Result<Response<pb::ApproveCountyShareResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = approve::county_share(&self.deps, &caller, &ask).await?;
        Ok(self.posted(&ask.name, answer).await)
    }

    async fn propose_city_share(
        &self,
        request: Request<pb::ProposeCityShareRequest>,
    ) -> Result<Response<pb::ProposeCityShareResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = propose::city_share(&self.deps, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn approve_city_share(
        &self,
        request: Request<pb::ApproveCityShareRequest>,
    ) -> Result<Response<pb::ApproveCityShareResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = approve::city_share(&self.deps, &caller, &ask).await?;
        Ok(self.posted(&ask.name, answer).await)
    }

    async fn propose_remittance(
        &self,
        request: Request<pb::ProposeRemittanceRequest>,
    ) -> Result<Response<pb::ProposeRemittanceResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = propose::remittance(&self.deps, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn approve_remittance(
        &self,
        request: Request<pb::ApproveRemittanceRequest>,
    ) -> Result<Response<pb::ApproveRemittanceResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = approve::remittance(&self.deps, &caller, &ask).await?;
        Ok(self.posted(&ask.name, answer).await)
    }

    async fn propose_recovery_receipt(
        &self,
        request: Request<pb::ProposeRecoveryReceiptRequest>,
    ) -> Result<Response<pb::ProposeRecoveryReceiptResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = propose::recovery_receipt(&self.deps, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn approve_recovery_receipt(
        &self,
        request: Request<pb::ApproveRecoveryReceiptRequest>,
    ) -> Result<Response<pb::ApproveRecoveryReceiptResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = approve::recovery_receipt(&self.deps, &caller, &ask).await?;
        Ok(self.posted(&ask.name, answer).await)
    }

    async fn propose_write_off(
        &self,
        request: Request<pb::ProposeWriteOffRequest>,
    ) -> Result<Response<pb::ProposeWriteOffResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = propose::write_off(&self.deps, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn endorse_write_off(
        &self,
        request: Request<pb::EndorseWriteOffRequest>,
    ) -> Result<Response<pb::EndorseWriteOffResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = endorse::write_off(&self.deps, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn decline_write_off(
        &self,
        request: Request<pb::DeclineWriteOffRequest>,
    ) -> Result<Response<pb::DeclineWriteOffResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = decline::endorsement(&self.deps, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn approve_write_off(
        &self,
        request: Request<pb::ApproveWriteOffRequest>,
    ) -> Result<Response<pb::ApproveWriteOffResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = approve::write_off(&self.deps, &caller, &ask).await?;
        Ok(self.posted(&ask.name, answer).await)
    }

    async fn get_proposal(
        &self,
        request: Request<pb::GetProposalRequest>,
    ) -> Result<Response<pb::GetProposalResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = proposals::get(&self.deps, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn list_proposals(
        &self,
        request: Request<pb::ListProposalsRequest>,
    ) -> Result<Response<pb::ListProposalsResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = proposals::list(&self.deps, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn decline_proposal(
        &self,
        request: Request<pb::DeclineProposalRequest>,
    ) -> Result<Response<pb::DeclineProposalResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = decline::decline(&self.deps, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn withdraw_proposal(
        &self,
        request: Request<pb::WithdrawProposalRequest>,
    ) -> Result<Response<pb::WithdrawProposalResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = decline::withdraw(&self.deps, &caller, &ask).await?;
        Ok(Response::new(answer))
    }

    async fn list_shares(
        &self,
        request: Request<pb::ListSharesRequest>,
    ) -> Result<Response<pb::ListSharesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = shares::shares(&self.deps, &caller, &ask).await?;
        Ok(Response::new(answer))
    }
}
