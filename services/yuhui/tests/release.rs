//! What is paid is what the check of the day of its release has cleared: the first time, and when the
//! bank returned it (F20, F23, R-TER-1), through every service.

mod town;

use time::macros::date;
use tonic::Code;
use yuhui_proto::{
    authz::v1::Role,
    disbursement::v1::{
        self as pb, bank_agent_service_client::BankAgentServiceClient, line_result::Outcome,
        payment_order_service_client::PaymentOrderServiceClient,
    },
    eligibility::v1::{
        ApproveAccountCorrectionRequest, ApproveTerminationRequest,
        ProposeAccountCorrectionRequest, case::State, case_service_client::CaseServiceClient,
    },
};

use town::{COUNTY, PARENT, ROUND, Town, account, at, call, key, refused};

impl Town {
    /// Proposed and approved by county health.
    async fn order(&self, kind: pb::OrderKind) -> pb::PaymentOrder {
        let ask = pb::ProposePaymentOrderRequest {
            parent: PARENT.into(),
            round: ROUND,
            kind: kind.into(),
            request_id: key(),
        };
        let maker = at(Role::CountyHealthReviewer);
        let proposed = call!(
            self,
            maker,
            PaymentOrderServiceClient.propose_payment_order,
            ask
        );
        let proposed = proposed.expect("proposed").order.expect("it");
        let ask = pb::ApprovePaymentOrderRequest {
            name: proposed.name,
            request_id: key(),
            etag: proposed.etag,
        };
        let checker = at(Role::CountyHealthApprover);
        let approved = call!(
            self,
            checker,
            PaymentOrderServiceClient.approve_payment_order,
            ask
        );
        approved.expect("approved").order.expect("it")
    }

    async fn release(&self, order: &str) -> Result<pb::PaymentOrder, tonic::Status> {
        let name = order.to_owned();
        let ask = pb::GetPaymentOrderRequest { name: name.clone() };
        let finance = at(Role::CountyFinanceApprover);
        let seen = call!(
            self,
            finance,
            PaymentOrderServiceClient.get_payment_order,
            ask
        )?;
        let ask = pb::ReleasePaymentOrderRequest {
            name,
            request_id: key(),
            etag: seen.order.expect("it").etag,
        };
        let finance = at(Role::CountyFinanceApprover);
        let released = call!(
            self,
            finance,
            PaymentOrderServiceClient.release_payment_order,
            ask
        );
        Ok(released?.order.expect("it"))
    }

    /// The bank returns every line of the batch.
    async fn returned(&self, batch: &str) {
        let operator = || at(Role::BankOperator);
        let ask = pb::ListBatchesRequest {
            parent: "counties/-".into(),
            open_only: true,
            ..Default::default()
        };
        let open = call!(self, operator(), BankAgentServiceClient.list_batches, ask);
        let open = open.expect("listed").batches.into_iter();
        let known = { open }.find(|it| it.name == batch).expect("the batch");
        let ask = pb::AcknowledgeBatchRequest {
            name: batch.into(),
            line_count: known.line_count,
            total_fen: known.total_fen,
            hash: known.hash,
            request_id: key(),
        };
        let done = call!(
            self,
            operator(),
            BankAgentServiceClient.acknowledge_batch,
            ask
        );
        done.expect("acknowledged");
        let ask = pb::ListBatchLinesRequest {
            parent: batch.into(),
            ..Default::default()
        };
        let lines = call!(
            self,
            operator(),
            BankAgentServiceClient.list_batch_lines,
            ask
        );
        let results = lines.expect("lines").lines.into_iter();
        let results = results.map(|it| pb::LineResult {
            payment_key: it.payment_key,
            outcome: Outcome::Returned.into(),
            return_code: "AC01".into(),
            bank_reference: String::new(),
        });
        let ask = pb::ReportResultsRequest {
            parent: batch.into(),
            results: results.collect(),
            request_id: key(),
        };
        let reported = call!(self, operator(), BankAgentServiceClient.report_results, ask);
        let reported = reported.expect("reported").report.expect("it");
        let ask = pb::AuthoriseResultsRequest {
            name: reported.name,
            request_id: key(),
            digest: reported.digest,
        };
        let authoriser = at(Role::BankAuthoriser);
        let done = call!(
            self,
            authoriser,
            BankAgentServiceClient.authorise_results,
            ask
        );
        done.expect("authorised");
        self.settle().await;
    }

    /// Two persons of the county who did not confirm the case (DYN-5).
    async fn correct_account(&self, case: &str) {
        let ask = ProposeAccountCorrectionRequest {
            name: case.into(),
            account: Some(account("6217990099990000117")),
            request_id: key(),
            ..Default::default()
        };
        let maker = at(Role::CountyHealthReviewer);
        let proposed = call!(
            self,
            maker,
            CaseServiceClient.propose_account_correction,
            ask
        );
        proposed.expect("proposed");
        let ask = ApproveAccountCorrectionRequest {
            etag: self.etag(case).await,
            name: case.into(),
            request_id: key(),
        };
        let other = yuhui_rehearsal::accounts::second_login(Role::CountyHealthApprover, COUNTY);
        let approved = call!(
            self,
            other,
            CaseServiceClient.approve_account_correction,
            ask
        );
        approved.expect("approved");
        self.settle().await;
    }

    async fn stop(&self, case: &str) {
        let ask = ApproveTerminationRequest {
            etag: self.etag(case).await,
            name: case.into(),
            request_id: key(),
        };
        let checker = at(Role::CountyHealthApprover);
        let stopped = call!(self, checker, CaseServiceClient.approve_termination, ask);
        stopped.expect("terminated");
        self.settle().await;
    }
}

#[tokio::test]
async fn families_that_left_between_check_and_release_are_not_paid_nor_a_second_time_round() {
    let town = Town::start(date!(2025 - 03 - 10)).await;
    let (mut families, mut cases) = (Vec::new(), Vec::new());
    for serial in 1..=3 {
        let family = town.family(serial).await;
        cases.push(town.lodge(&family).await);
        families.push(family);
    }
    town.confirm(&cases).await;
    town.fund().await;

    town.on(date!(2025 - 10 - 13));
    assert_eq!(town.check().await.cleared, 3);
    let order = town.order(pb::OrderKind::FirstPayments).await;
    assert_eq!((order.line_count, order.total_fen), (3, 1_500_000));
    town.on(date!(2025 - 10 - 28));
    for family in &families[..2] {
        town.leaves(family, "2025-10-15", "2025-10-16").await;
    }
    let unchecked = town.release(&order.name).await;
    assert_eq!(
        refused(unchecked),
        (Code::FailedPrecondition, "NOT_CLEARED".into()),
        "what was cleared on another day"
    );
    let checked = town.check().await;
    assert_eq!(
        (checked.cleared, checked.proposed_terminations.len()),
        (1, 2)
    );
    let released = town.release(&order.name).await.expect("released");
    assert_eq!((released.line_count, released.total_fen), (1, 500_000));
    town.settle().await;
    assert_eq!(town.state(&cases[0]).await, State::Funded);
    assert_eq!(town.state(&cases[2]).await, State::InPayment);

    // The third is returned by the bank, and leaves before its account is corrected.
    town.returned(&released.batch).await;
    assert_eq!(town.state(&cases[2]).await, State::PayFailed);
    town.on(date!(2025 - 11 - 10));
    town.leaves(&families[2], "2025-11-02", "2025-11-03").await;
    town.correct_account(&cases[2]).await;
    let ask = pb::ProposePaymentOrderRequest {
        parent: PARENT.into(),
        round: ROUND,
        kind: pb::OrderKind::Reissues.into(),
        request_id: key(),
    };
    let maker = at(Role::CountyHealthReviewer);
    let unchecked = call!(
        town,
        maker,
        PaymentOrderServiceClient.propose_payment_order,
        ask
    );
    assert_eq!(refused(unchecked).1, "NOTHING_PAYABLE");
    let checked = town.check().await;
    assert_eq!(checked.cleared, 0);
    assert_eq!(checked.proposed_terminations.len(), 3);
    for case in &cases {
        town.stop(case).await;
        assert_eq!(town.state(case).await, State::Terminated);
    }
    town.stack.stop().await;
}
