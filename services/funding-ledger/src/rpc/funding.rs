//! `FundingService`: shares, receipts, remittances, recoveries; one proposes, another approves.

use tonic::{Request, Response, Status};
use yuhui_kernel::{Money, Tenant};
use yuhui_platform::{Caller, Result, caller, idempotency::Key};
use yuhui_proto::funding::v1::{self as pb, funding_service_server::FundingService};

use super::{Handlers, ask, propose::Draft};
use crate::domain::proposal::Kind;

/// A proposal of money in or budget, as four of the requests state it.
fn money(county: Tenant, kind: Kind, (round, amount_fen): (i32, i64), document: &str) -> Draft {
    Draft {
        county,
        kind,
        round,
        amount: Money::from_fen(amount_fen),
        document: document.trim().to_owned(),
        case_name: None,
    }
}

fn remittance(caller: &Caller, ask: &pb::ProposeRemittanceRequest) -> Result<Draft> {
    let county = ask::county(caller, &ask.parent)?;
    Ok(Draft {
        county,
        kind: Kind::Remittance,
        round: ask.round,
        amount: Money::ZERO,
        document: ask.document.trim().to_owned(),
        case_name: None,
    })
}

fn recovery(caller: &Caller, ask: &pb::ProposeRecoveryRequest) -> Result<Draft> {
    let (county, _) = ask::child(caller, &ask.parent, "cases")?;
    Ok(Draft {
        county,
        kind: if ask.write_off {
            Kind::RecoveryWriteOff
        } else {
            Kind::RecoveryReceipt
        },
        round: 0,
        amount: Money::from_fen(ask.amount_fen),
        document: ask.document.trim().to_owned(),
        case_name: Some(ask.parent.clone()),
    })
}

/// The idempotency key of a request.
fn key(caller: &Caller, request_id: &str, request: &impl prost::Message) -> Result<Key> {
    Ok(Key::new(caller, request_id, request)?)
}

#[tonic::async_trait]
impl FundingService for Handlers {
    async fn propose_appropriation(
        &self,
        request: Request<pb::ProposeAppropriationRequest>,
    ) -> Result<Response<pb::ProposeAppropriationResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let key = key(&caller, &ask.request_id, &ask)?;
        let county = ask::county(&caller, &ask.parent)?;
        let figures = (ask.round, ask.amount_fen);
        let draft = money(county, Kind::Appropriation, figures, &ask.document);
        Ok(Response::new(self.propose(&caller, &key, draft).await?))
    }

    async fn approve_appropriation(
        &self,
        request: Request<pb::ApproveAppropriationRequest>,
    ) -> Result<Response<pb::ApproveAppropriationResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let key = key(&caller, &ask.request_id, &ask)?;
        let named = ask::child(&caller, &ask.name, "proposals")?;
        let kinds = [Kind::Appropriation];
        let answer = self.approve(&caller, &key, named, &kinds).await?;
        Ok(Response::new(answer))
    }

    async fn propose_county_share(
        &self,
        request: Request<pb::ProposeCountyShareRequest>,
    ) -> Result<Response<pb::ProposeCountyShareResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let key = key(&caller, &ask.request_id, &ask)?;
        let county = ask::county(&caller, &ask.parent)?;
        let figures = (ask.round, ask.amount_fen);
        let draft = money(county, Kind::CountyShare, figures, &ask.document);
        Ok(Response::new(self.propose(&caller, &key, draft).await?))
    }

    async fn approve_county_share(
        &self,
        request: Request<pb::ApproveCountyShareRequest>,
    ) -> Result<Response<pb::ApproveCountyShareResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let key = key(&caller, &ask.request_id, &ask)?;
        let named = ask::child(&caller, &ask.name, "proposals")?;
        let kinds = [Kind::CountyShare];
        let answer = self.approve(&caller, &key, named, &kinds).await?;
        Ok(Response::new(answer))
    }

    async fn propose_city_share(
        &self,
        request: Request<pb::ProposeCityShareRequest>,
    ) -> Result<Response<pb::ProposeCityShareResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let key = key(&caller, &ask.request_id, &ask)?;
        let county = ask::county(&caller, &ask.parent)?;
        let figures = (ask.round, ask.amount_fen);
        let draft = money(county, Kind::CityShare, figures, &ask.document);
        Ok(Response::new(self.propose(&caller, &key, draft).await?))
    }

    async fn approve_city_share(
        &self,
        request: Request<pb::ApproveCityShareRequest>,
    ) -> Result<Response<pb::ApproveCityShareResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let key = key(&caller, &ask.request_id, &ask)?;
        let named = ask::child(&caller, &ask.name, "proposals")?;
        let kinds = [Kind::CityShare];
        let answer = self.approve(&caller, &key, named, &kinds).await?;
        Ok(Response::new(answer))
    }

    async fn propose_remittance(
        &self,
        request: Request<pb::ProposeRemittanceRequest>,
    ) -> Result<Response<pb::ProposeRemittanceResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let key = key(&caller, &ask.request_id, &ask)?;
        let draft = remittance(&caller, &ask)?;
        Ok(Response::new(self.propose(&caller, &key, draft).await?))
    }

    async fn approve_remittance(
        &self,
        request: Request<pb::ApproveRemittanceRequest>,
    ) -> Result<Response<pb::ApproveRemittanceResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let key = key(&caller, &ask.request_id, &ask)?;
        let named = ask::child(&caller, &ask.name, "proposals")?;
        let kinds = [Kind::Remittance];
        let answer = self.approve(&caller, &key, named, &kinds).await?;
        Ok(Response::new(answer))
    }

    async fn propose_recovery(
        &self,
        request: Request<pb::ProposeRecoveryRequest>,
    ) -> Result<Response<pb::ProposeRecoveryResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let key = key(&caller, &ask.request_id, &ask)?;
        let draft = recovery(&caller, &ask)?;
        Ok(Response::new(self.propose(&caller, &key, draft).await?))
    }

    async fn approve_recovery(
        &self,
        request: Request<pb::ApproveRecoveryRequest>,
    ) -> Result<Response<pb::ApproveRecoveryResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let key = key(&caller, &ask.request_id, &ask)?;
        let named = ask::child(&caller, &ask.name, "proposals")?;
        let kinds = [Kind::RecoveryReceipt, Kind::RecoveryWriteOff];
        let answer = self.approve(&caller, &key, named, &kinds).await?;
        Ok(Response::new(answer))
    }

    async fn list_shares(
        &self,
        request: Request<pb::ListSharesRequest>,
    ) -> Result<Response<pb::ListSharesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let shares = self.shares(&caller, &ask.parent, ask.round).await?;
        Ok(Response::new(pb::ListSharesResponse { shares }))
    }
}
