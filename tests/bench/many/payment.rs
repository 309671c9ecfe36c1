//! One payment order of everything that is cleared, until the bank has it.

use yuhui_proto::{
    authz::v1::Role,
    disbursement::v1::{
        ApprovePaymentOrderRequest, Batch, GetPaymentOrderRequest, ListBatchesRequest,
        ListPaymentLinesRequest, OrderKind, ProposePaymentOrderRequest, ReleasePaymentOrderRequest,
        bank_agent_service_client::BankAgentServiceClient, payment_line,
        payment_order_service_client::PaymentOrderServiceClient,
    },
};

use super::{
    Many, ROUND,
    roster::{Interrupted, Step, at},
};
use crate::harness::cases::key;

impl Many {
    /// Etag of an order, as the county sees it.
    async fn order_etag(&self, name: &str) -> String {
        let desk = self.desk(Role::CountyHealthReviewer).await;
        let ask = GetPaymentOrderRequest { name: name.into() };
        let mut orders = PaymentOrderServiceClient::new(desk.call());
        let seen = orders.get_payment_order(ask).await.expect("read");
        seen.into_inner().order.expect("an order").etag
    }

    /// Proposed, approved and released by three hands; answers what the bank sees.
    pub(crate) async fn pay(&mut self, interrupted: Interrupted) -> Batch {
        self.wait("the lines have come in", async || self.has_lines().await)
            .await;
        let step = Step::begin("proposed");
        let proposed = at!(
            self,
            CountyHealthReviewer,
            PaymentOrderServiceClient.propose_payment_order,
            ProposePaymentOrderRequest {
                parent: self.parent(),
                round: ROUND,
                kind: OrderKind::FirstPayments.into(),
            }
        );
        let done = self.ended(proposed.operation).await;
        step.end(done.done);
        let name = done.object;
        let step = Step::begin("approved");
        let approved = at!(
            self,
            CountyHealthApprover,
            PaymentOrderServiceClient.approve_payment_order,
            ApprovePaymentOrderRequest {
                etag: self.order_etag(&name).await,
                name: name.clone(),
            }
        );
        let done = self.ended(approved.operation).await;
        step.end(done.done);
        let step = Step::begin("released");
        let released = at!(
            self,
            CountyFinanceApprover,
            PaymentOrderServiceClient.release_payment_order,
            ReleasePaymentOrderRequest {
                etag: self.order_etag(&name).await,
                name: name.clone(),
            }
        );
        self.interrupt(interrupted, released.operation.clone())
            .await;
        let done = self.ended(released.operation).await;
        self.released_in = step.end(done.done);
        let desk = self.desk(Role::BankOperator).await;
        let ask = ListBatchesRequest {
            parent: "counties/-".into(),
            ..ListBatchesRequest::default()
        };
        let batches = BankAgentServiceClient::new(desk.call())
            .list_batches(ask)
            .await;
        let mut batches = batches.expect("listed").into_inner().batches;
        batches.pop().expect("a batch")
    }

    /// Whether any line waits for an order: a roster comes in as a whole.
    async fn has_lines(&self) -> bool {
        let desk = self.desk(Role::CountyHealthReviewer).await;
        let ask = ListPaymentLinesRequest {
            parent: self.parent(),
            page_size: 1,
            states: vec![payment_line::State::Ready.into()],
            ..ListPaymentLinesRequest::default()
        };
        let mut client = PaymentOrderServiceClient::new(desk.call());
        let page = client.list_payment_lines(ask).await;
        !page.expect("a page").into_inner().lines.is_empty()
    }
}
