//! Everybody sees what he signs, and may decline it: orders before they are paid, reports before they are in force.

use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use yuhui_proto::{
    authz::v1::Role,
    disbursement::v1::{
        self as pb, ListPaymentLinesRequest, payment_line::State as Line,
        payment_order::State as Order, result_report::State as Report,
    },
    types::v1::Programme,
};

use crate::{
    bank::{acknowledged, authorise, credited, received, report, returned},
    harness::{COUNTY, ROSTER, World, case, refused},
};

impl World {
    async fn decline(&self, name: &str) -> Result<pb::PaymentOrder, Status> {
        let ask = pb::DeclinePaymentOrderRequest {
            name: name.into(),
            etag: self.order(name).await.etag,
            reason: "名单有误".into(),
            request_id: self.fresh(),
        };
        let answer = self.checker().decline_payment_order(ask).await?;
        Ok(answer.into_inner().order.expect("an order"))
    }

    async fn withdraw(&self, name: &str, account: &str) -> Result<pb::PaymentOrder, Status> {
        let ask = pb::WithdrawPaymentOrderRequest {
            name: name.into(),
            request_id: self.fresh(),
        };
        let mut hand = self.orders(account, Role::CountyHealthReviewer);
        let answer = hand.withdraw_payment_order(ask).await?;
        Ok(answer.into_inner().order.expect("an order"))
    }

    pub async fn decline_release(&self, name: &str) -> Result<pb::PaymentOrder, Status> {
        let ask = pb::DeclineReleaseRequest {
            name: name.into(),
            etag: self.order(name).await.etag,
            reason: "指标未到".into(),
            request_id: self.fresh(),
        };
        let answer = self.finance().decline_release(ask).await?;
        Ok(answer.into_inner().order.expect("an order"))
    }

    async fn approve_seen(&self, order: &pb::PaymentOrder) -> Result<pb::PaymentOrder, Status> {
        let ask = pb::ApprovePaymentOrderRequest {
            name: order.name.clone(),
            request_id: self.fresh(),
            etag: order.etag.clone(),
        };
        let answer = self.checker().approve_payment_order(ask).await?;
        Ok(answer.into_inner().order.expect("an order"))
    }

    async fn narrowed(&self, ask: ListPaymentLinesRequest) -> Result<Vec<pb::PaymentLine>, Status> {
        let ask = ListPaymentLinesRequest {
            parent: COUNTY.into(),
            ..ask
        };
        let answer = self.finance().list_payment_lines(ask).await?;
        Ok(answer.into_inner().lines)
    }

    async fn reports(&self, batch: &str, states: &[Report]) -> Vec<pb::ResultReport> {
        let ask = pb::ListResultReportsRequest {
            parent: batch.into(),
            states: states.iter().map(|it| (*it).into()).collect(),
            ..pb::ListResultReportsRequest::default()
        };
        let mut hand = self.authoriser("authoriser");
        let answer = hand.list_result_reports(ask).await.expect("listed");
        answer.into_inner().reports
    }

    async fn authorise_seen(&self, report: &str, digest: &str) -> Result<pb::ResultReport, Status> {
        let ask = pb::AuthoriseResultsRequest {
            name: report.into(),
            request_id: self.fresh(),
            digest: digest.into(),
        };
        let mut hand = self.authoriser("authoriser");
        let answer = hand.authorise_results(ask).await?;
        Ok(answer.into_inner().report.expect("a report"))
    }
}

#[tokio::test]
async fn a_declined_order_pays_nobody_and_its_lines_wait_for_another() {
    let world = World::funded().await;
    let order = world.propose(false).await.expect("proposed");
    let declined = world.decline(&order.name).await.expect("declined");
    assert_eq!(declined.state(), Order::Declined);
    assert_eq!(declined.proposed_by, "accounts/maker");
    assert_eq!(declined.closed_by, "accounts/checker");
    assert_eq!(declined.reason, "名单有误");
    assert_eq!(declined.line_count, 2, "it says over what it was");
    let state = (Code::FailedPrecondition, "ORDER_STATE".to_owned());
    assert_eq!(refused(world.approve(&order.name).await), state);
    assert_eq!(refused(world.decline(&order.name).await), state);
    let audited = world.audited().await;
    let entry = { audited.iter() }.find(|it| it.action == "disbursement.order.decline");
    assert_eq!(entry.expect("on record").reason, "名单有误");
    world.pay(false).await;
    assert_eq!(world.lines(&[Line::Sent]).await.len(), 2);
}

#[tokio::test]
async fn an_order_is_withdrawn_by_whoever_proposed_it_and_declined_by_finance_once_approved() {
    let world = World::funded().await;
    let order = world.propose(false).await.expect("proposed");
    let other = world.withdraw(&order.name, "colleague").await;
    let his = (Code::PermissionDenied, "NOT_THE_MAKER".to_owned());
    assert_eq!(refused(other), his);
    let early = refused(world.decline_release(&order.name).await);
    assert_eq!(early, (Code::FailedPrecondition, "ORDER_STATE".into()));
    let own = world.withdraw(&order.name, "maker").await.expect("his own");
    assert_eq!(own.state(), Order::Withdrawn);

    let order = world.propose(false).await.expect("proposed");
    world.approve(&order.name).await.expect("approved");
    assert!(world.withdraw(&order.name, "maker").await.is_err());
    let declined = world.decline_release(&order.name).await.expect("declined");
    assert_eq!(declined.state(), Order::Declined);
    assert_eq!(declined.approved_by, "accounts/checker");
    assert_eq!(declined.closed_by, "accounts/finance");
    let late = refused(world.release(&order.name).await);
    assert_eq!(late, (Code::FailedPrecondition, "ORDER_STATE".into()));
    let order = world.propose(false).await.expect("proposed again");
    assert_eq!(order.line_count, 2);
}

#[tokio::test]
async fn an_approval_is_of_what_was_looked_at() {
    let world = World::funded().await;
    let seen = world.propose(false).await.expect("proposed");
    let corrected = world.corrected("one", "6217000099990000111");
    world.hear(corrected).await;
    let stale = world.approve_seen(&seen).await;
    assert_eq!(refused(stale).0, Code::Aborted, "a line has left it");
    let ask = pb::GetPaymentOrderRequest { name: seen.name };
    let now = world.checker().get_payment_order(ask).await.expect("it");
    let now = now.into_inner().order.expect("an order");
    assert_eq!((now.line_count, now.total_fen), (1, 50_000));
    let approved = world.approve_seen(&now).await.expect("approved");
    assert_eq!(approved.approved_by, "accounts/checker");
    let release = |etag: String| pb::ReleasePaymentOrderRequest {
        name: now.name.clone(),
        request_id: world.fresh(),
        etag,
    };
    let mut finance = world.finance();
    let stale = finance.release_payment_order(release(now.etag.clone()));
    assert_eq!(refused(stale.await).0, Code::Aborted);
    let released = finance.release_payment_order(release(approved.etag)).await;
    let released = released.expect("released").into_inner().order.expect("it");
    assert_eq!(released.released_by, "accounts/finance");
}

#[tokio::test]
async fn lines_are_found_by_order_batch_case_roster_and_programme() {
    let world = World::funded().await;
    let more = "counties/150203/rosters/more";
    world.seal(more, &[("three", 3)]).await;
    let order = world.propose(false).await.expect("proposed").name;
    let all = ListPaymentLinesRequest::default;
    let of_order = ListPaymentLinesRequest {
        order: order.clone(),
        ..all()
    };
    let found = world.narrowed(of_order.clone()).await.expect("listed");
    assert_eq!(found.len(), 2);
    assert!(
        found
            .iter()
            .all(|it| it.order == order && it.batch.is_empty())
    );
    let of_roster = ListPaymentLinesRequest {
        roster: more.into(),
        ..all()
    };
    let found = world.narrowed(of_roster).await.expect("listed");
    assert_eq!((found.len(), found[0].roster.as_str()), (1, more));
    let of_case = ListPaymentLinesRequest {
        case: case("two"),
        states: vec![Line::Ready.into()],
        ..all()
    };
    let found = world.narrowed(of_case).await.expect("listed");
    assert_eq!((found.len(), found[0].case.clone()), (1, case("two")));
    for (programme, lines) in [(Programme::P1, 3), (Programme::P2, 0)] {
        let of_programme = ListPaymentLinesRequest {
            programme: programme.into(),
            ..all()
        };
        let found = world.narrowed(of_programme).await.expect("listed");
        assert_eq!(found.len(), lines, "{programme:?}");
    }
    world.approve(&order).await.expect("approved");
    let batch = world.release(&order).await.expect("released").batch;
    let of_batch = ListPaymentLinesRequest {
        batch: batch.clone(),
        ..all()
    };
    let found = world.narrowed(of_batch).await.expect("listed");
    assert!(
        found
            .iter()
            .all(|it| it.batch == batch && it.state() == Line::Sent)
    );
    assert_eq!(found.len(), 2);

    let both = ListPaymentLinesRequest {
        roster: ROSTER.into(),
        ..of_order
    };
    let status = world.narrowed(both).await.expect_err("one too many");
    let told = status.get_details_bad_request().expect("violations");
    let fields: Vec<_> = { told.field_violations.iter() }
        .map(|it| it.field.as_str())
        .collect();
    assert_eq!(
        (status.code(), fields),
        (Code::InvalidArgument, vec!["order", "roster"])
    );
    let elsewhere = ListPaymentLinesRequest {
        roster: "counties/150204/rosters/main".into(),
        ..all()
    };
    assert_eq!(refused(world.narrowed(elsewhere).await).0, Code::NotFound);
}

#[tokio::test]
async fn the_authoriser_sees_what_he_signs_and_signs_what_he_saw() {
    let world = World::funded().await;
    let batch = acknowledged(&world, false).await;
    let lines = received(&world, &batch).await;
    let said = vec![credited(&lines[0]), returned(&lines[1], "AC01")];
    let made = report(&world, &batch, said.clone())
        .await
        .expect("reported");
    assert_eq!(
        world.reports(&batch, &[Report::Submitted]).await,
        std::slice::from_ref(&made)
    );
    assert_eq!(
        (made.credited_count, made.credited_fen),
        (1, lines[0].amount_fen)
    );
    assert_eq!(
        (made.returned_count, made.returned_fen),
        (1, lines[1].amount_fen)
    );
    assert_eq!(made.reported_by, "accounts/operator");
    let ask = pb::ListReportedResultsRequest {
        parent: made.name.clone(),
        page_size: 1,
        ..pb::ListReportedResultsRequest::default()
    };
    let mut hand = world.authoriser("authoriser");
    let first = hand
        .list_reported_results(ask.clone())
        .await
        .expect("listed");
    let first = first.into_inner();
    let ask = pb::ListReportedResultsRequest {
        page_token: first.next_page_token,
        ..ask
    };
    let second = hand
        .list_reported_results(ask)
        .await
        .expect("listed")
        .into_inner();
    assert_eq!(second.next_page_token, "");
    let mut listed = [first.results, second.results].concat();
    let mut said = said;
    listed.sort_by(|one, other| one.payment_key.cmp(&other.payment_key));
    said.sort_by(|one, other| one.payment_key.cmp(&other.payment_key));
    assert_eq!(listed, said);

    let other = world.authorise_seen(&made.name, &"0".repeat(64)).await;
    assert_eq!(refused(other).0, Code::Aborted);
    let signed = world.authorise_seen(&made.name, &made.digest).await;
    let signed = signed.expect("authorised");
    assert_eq!(
        (signed.state(), signed.closed_by.as_str()),
        (Report::Authorised, "accounts/authoriser")
    );
    let ask = pb::GetBatchRequest {
        name: batch.clone(),
    };
    let closed = hand
        .get_batch(ask)
        .await
        .expect("it")
        .into_inner()
        .batch
        .expect("a batch");
    assert_eq!(closed.state(), pb::batch::State::Closed);
    assert!(world.reports(&batch, &[Report::Submitted]).await.is_empty());
}

#[tokio::test]
async fn what_a_declined_report_said_may_be_said_otherwise() {
    let world = World::funded().await;
    let batch = acknowledged(&world, false).await;
    let lines = received(&world, &batch).await;
    let wrong = report(&world, &batch, vec![returned(&lines[0], "AC01")]).await;
    let wrong = wrong.expect("reported").name;
    let differs = report(&world, &batch, vec![credited(&lines[0])]).await;
    assert_eq!(
        refused(differs).1,
        "RESULTS_NOT_ACCEPTED",
        "the first one stands"
    );
    let ask = pb::DeclineResultsRequest {
        name: wrong.clone(),
        digest: world.report_digest(&wrong).await,
        reason: "与流水不符".into(),
        request_id: world.fresh(),
    };
    let mut hand = world.authoriser("authoriser");
    let declined = hand.decline_results(ask).await.expect("declined");
    let declined = declined.into_inner().report.expect("a report");
    assert_eq!(
        (declined.state(), declined.reason.as_str()),
        (Report::Declined, "与流水不符")
    );
    let late = refused(authorise(&world, &wrong).await);
    assert_eq!(late, (Code::FailedPrecondition, "REPORT_STATE".into()));
    assert!(world.lines(&[Line::Returned]).await.is_empty(), "no effect");

    let right = report(&world, &batch, vec![credited(&lines[0])]).await;
    let right = right.expect("reported anew").name;
    authorise(&world, &right).await.expect("authorised");
    assert_eq!(world.lines(&[Line::Credited]).await.len(), 1);
    let reports = world.reports(&batch, &[]).await;
    let states: Vec<_> = reports.iter().map(pb::ResultReport::state).collect();
    assert_eq!(states, [Report::Declined, Report::Authorised]);
}

#[tokio::test]
async fn a_report_is_withdrawn_by_whoever_made_it_and_can_be_made_again() {
    let world = World::funded().await;
    let batch = acknowledged(&world, false).await;
    let lines = received(&world, &batch).await;
    let said = || vec![credited(&lines[0])];
    let made = report(&world, &batch, said()).await.expect("reported").name;
    let withdraw = async |account: &str| {
        let ask = pb::WithdrawResultsRequest {
            name: made.clone(),
            request_id: world.fresh(),
        };
        let mut hand = world.operator_named(account);
        let answer = hand.withdraw_results(ask).await?;
        Ok::<_, Status>(answer.into_inner().report.expect("a report"))
    };
    let other = refused(withdraw("colleague").await);
    assert_eq!(other, (Code::PermissionDenied, "NOT_THE_MAKER".into()));
    assert_eq!(
        withdraw("operator").await.expect("his own").state(),
        Report::Withdrawn
    );
    let again = report(&world, &batch, said()).await.expect("reported");
    assert_ne!(again.name, made, "what nobody stands by is no repeat");
    authorise(&world, &again.name).await.expect("authorised");
    let late = refused(withdraw("operator").await);
    assert_eq!(late, (Code::FailedPrecondition, "REPORT_STATE".into()));
}

#[tokio::test]
async fn of_two_reports_at_once_on_one_key_one_stands() {
    let world = World::funded().await;
    let batch = acknowledged(&world, false).await;
    let lines = received(&world, &batch).await;
    let (one, other) = world
        .while_held_up(
            report(&world, &batch, vec![credited(&lines[0])]),
            report(&world, &batch, vec![returned(&lines[0], "AC01")]),
        )
        .await;
    let stands = [one.is_ok(), other.is_ok()]
        .into_iter()
        .filter(|it| *it)
        .count();
    assert_eq!(stands, 1, "{one:?} {other:?}");
    assert_eq!(world.reports(&batch, &[]).await.len(), 1);
}
