//! `PaymentOrderService`: the orders of county health and finance.

use tonic::{Request, Response, Status};
use yuhui_platform::caller;
use yuhui_proto::disbursement::v1::{
    self as pb, payment_order_service_server::PaymentOrderService,
};

use crate::{
    Deps,
    acts::orders::{approve, decline, propose, release},
    reads::orders,
};

/// The service.
pub struct Orders(pub Deps);

#[tonic::async_trait]
impl PaymentOrderService for Orders {
    async fn propose_payment_order(
        &self,
        request: Request<pb::ProposePaymentOrderRequest>,
    ) -> Result<Response<pb::ProposePaymentOrderResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = propose::propose(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }

    async fn approve_payment_order(
        &self,
        request: Request<pb::ApprovePaymentOrderRequest>,
    ) -> Result<Response<pb::ApprovePaymentOrderResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = approve::approve(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }

    async fn release_payment_order(
        &self,
        request: Request<pb::ReleasePaymentOrderRequest>,
    ) -> Result<Response<pb::ReleasePaymentOrderResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = release::release(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }

    async fn decline_payment_order(
        &self,
        request: Request<pb::DeclinePaymentOrderRequest>,
    ) -> Result<Response<pb::DeclinePaymentOrderResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            decline::decline(&self.0, &caller, ask).await?,
        ))
    }

    async fn withdraw_payment_order(
        &self,
        request: Request<pb::WithdrawPaymentOrderRequest>,
    ) -> Result<Response<pb::WithdrawPaymentOrderResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            decline::withdraw(&self.0, &caller, ask).await?,
        ))
    }

    async fn decline_release(
        &self,
        request: Request<pb::DeclineReleaseRequest>,
    ) -> Result<Response<pb::DeclineReleaseResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let answer = decline::decline_release(&self.0, &caller, ask).await?;
        Ok(Response::new(answer))
    }

    async fn get_payment_order(
        &self,
        request: Request<pb::GetPaymentOrderRequest>,
    ) -> Result<Response<pb::GetPaymentOrderResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(orders::get(&self.0, &caller, &ask).await?))
    }

    async fn list_payment_orders(
        &self,
        request: Request<pb::ListPaymentOrdersRequest>,
    ) -> Result<Response<pb::ListPaymentOrdersResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(orders::list(&self.0, &caller, &ask).await?))
    }

    async fn list_payment_lines(
        &self,
        request: Request<pb::ListPaymentLinesRequest>,
    ) -> Result<Response<pb::ListPaymentLinesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(
            orders::list_lines(&self.0, &caller, &ask).await?,
        ))
    }
}
