//! Orders: propose, approve, release, and who may not.

use tonic::Code;
use yuhui_proto::{
    authz::v1::Role,
    disbursement::v1::{self as pb, payment_line::State as Line, payment_order::State as Order},
    internal::v1::{HoldChanged, LineTerminated, event::Payload},
};

use crate::harness::{COUNTY, ROSTER, ROUND, World, case, refused};

fn terminated(id: &str, roster: &str) -> Payload {
    Payload::LineTerminated(LineTerminated {
        case: case(id),
        roster: roster.into(),
        programme: yuhui_proto::types::v1::Programme::P1.into(),
        round: ROUND,
        ..LineTerminated::default()
    })
}

fn held(id: &str, held: bool) -> Payload {
    Payload::HoldChanged(HoldChanged {
        case: case(id),
        held,
    })
}

#[tokio::test]
async fn an_order_goes_through_three_hands_and_becomes_a_batch() {
    let world = World::funded().await;
    let order = world.propose(false).await.expect("proposed");
    assert_eq!((order.line_count, order.total_fen), (2, 550_000));
    assert_eq!(order.state(), Order::Proposed);
    let order = world.approve(&order.name).await.expect("approved");
    assert_eq!((order.state(), order.batch.as_str()), (Order::Approved, ""));
    let order = world.release(&order.name).await.expect("released");
    assert_eq!(order.state(), Order::Released);
    assert!(order.batch.starts_with("counties/150203/batches/"));

    assert_eq!(world.lines(&[Line::Sent]).await.len(), 2);
    let told = world.delivered().await.batches();
    let [batch] = told.as_slice() else {
        panic!("one batch, not {told:?}")
    };
    assert_eq!((batch.first_fen, batch.reissue_fen), (550_000, 0));
    assert_eq!(batch.cases, [case("one"), case("two")]);
    assert_eq!(batch.batch, order.batch);
}

#[tokio::test]
async fn only_cleared_cases_are_taken_and_each_once() {
    let world = World::funded().await;
    world.clear(&[&case("two")]);
    let order = world.propose(false).await.expect("proposed");
    assert_eq!((order.line_count, order.total_fen), (1, 50_000));
    let nothing = (Code::FailedPrecondition, "NOTHING_PAYABLE".to_owned());
    assert_eq!(refused(world.propose(false).await), nothing);
    assert_eq!(refused(world.propose(true).await), nothing);
}

#[tokio::test]
async fn no_batch_leaves_before_both_shares_have_arrived() {
    let world = World::start().await;
    world.seal(ROSTER, &[("one", 500_000)]).await;
    world.clear(&[&case("one")]);
    let order = world.propose(false).await.expect("proposed");
    world.approve(&order.name).await.expect("approved");
    let early = refused(world.release(&order.name).await);
    assert_eq!(early, (Code::FailedPrecondition, "ROUND_NOT_FUNDED".into()));
    world.fund(&[ROSTER]).await;
    let order = world.release(&order.name).await.expect("released");
    assert_eq!(order.total_fen, 500_000);
}

#[tokio::test]
async fn lines_of_a_roster_without_money_wait_while_the_others_leave() {
    let world = World::funded().await;
    world
        .seal("counties/150203/rosters/extra", &[("late", 7)])
        .await;
    world.clear(&[&case("one"), &case("late")]);
    let order = world.propose(false).await.expect("proposed");
    world.approve(&order.name).await.expect("approved");
    let order = world.release(&order.name).await.expect("released");
    assert_eq!((order.line_count, order.total_fen), (1, 500_000));
    let waiting = world.lines(&[Line::Ready]).await;
    assert!(waiting.iter().any(|line| line.case == case("late")));
    world.fund(&["counties/150203/rosters/extra"]).await;
    assert_eq!(world.propose(false).await.expect("the rest").total_fen, 7);
}

#[tokio::test]
async fn the_maker_does_not_approve_and_whoever_ordered_does_not_release() {
    let world = World::funded().await;
    let order = world.propose(false).await.expect("proposed");
    let approve = pb::ApprovePaymentOrderRequest {
        name: order.name.clone(),
        request_id: world.fresh(),
        etag: order.etag.clone(),
    };
    // One account that changed its desk between two acts.
    let mut same = world.orders("maker", Role::CountyHealthApprover);
    let status = same
        .approve_payment_order(approve)
        .await
        .expect_err("DYN-1");
    assert!(format!("{status:?}").contains("DYN-1"), "{status:?}");
    assert_eq!(status.code(), Code::PermissionDenied);

    let approved = world.approve(&order.name).await.expect("approved");
    for account in ["maker", "checker"] {
        let release = pb::ReleasePaymentOrderRequest {
            name: order.name.clone(),
            request_id: world.fresh(),
            etag: approved.etag.clone(),
        };
        let mut hand = world.orders(account, Role::CountyFinanceApprover);
        let status = hand
            .release_payment_order(release)
            .await
            .expect_err("DYN-4");
        assert!(format!("{status:?}").contains("DYN-4"), "{status:?}");
    }
}

#[tokio::test]
async fn each_act_waits_for_its_turn() {
    let world = World::funded().await;
    let order = world.propose(false).await.expect("proposed");
    let state = (Code::FailedPrecondition, "ORDER_STATE".to_owned());
    assert_eq!(refused(world.release(&order.name).await), state);
    world.approve(&order.name).await.expect("approved");
    assert_eq!(refused(world.approve(&order.name).await), state);
    world.release(&order.name).await.expect("released");
    assert_eq!(refused(world.release(&order.name).await), state);
}

#[tokio::test]
async fn another_county_sees_nothing_and_another_power_may_not() {
    let world = World::funded().await;
    let order = world.propose(false).await.expect("proposed");
    let approve = || pb::ApprovePaymentOrderRequest {
        name: order.name.clone(),
        request_id: world.fresh(),
        etag: order.etag.clone(),
    };
    let mut stranger = world.elsewhere(Role::CountyHealthApprover);
    let answer = stranger.approve_payment_order(approve()).await;
    assert_eq!(refused(answer).0, Code::NotFound);
    let ask = pb::GetPaymentOrderRequest {
        name: order.name.clone(),
    };
    let answer = stranger.get_payment_order(ask).await;
    assert_eq!(refused(answer).0, Code::NotFound);
    let answer = world.finance().approve_payment_order(approve()).await;
    assert_eq!(refused(answer).0, Code::PermissionDenied);
    let ask = pb::ListBatchesRequest {
        parent: "counties/-".into(),
        ..Default::default()
    };
    assert!(world.operator().list_batches(ask).await.is_ok());
}

#[tokio::test]
async fn a_repeated_command_gets_the_first_answer() {
    let world = World::funded().await;
    let ask = pb::ProposePaymentOrderRequest {
        parent: COUNTY.into(),
        round: ROUND,
        kind: pb::OrderKind::FirstPayments.into(),
        request_id: "same".into(),
    };
    let mut maker = world.maker();
    let first = maker
        .propose_payment_order(ask.clone())
        .await
        .expect("first");
    let again = maker
        .propose_payment_order(ask.clone())
        .await
        .expect("again");
    assert_eq!(first.into_inner(), again.into_inner());
    let other = pb::ProposePaymentOrderRequest {
        kind: pb::OrderKind::Reissues.into(),
        ..ask
    };
    let answer = refused(maker.propose_payment_order(other).await);
    assert_eq!(answer, (Code::AlreadyExists, "REQUEST_ID_REUSED".into()));
}

#[tokio::test]
async fn what_is_terminated_or_held_after_the_proposal_is_taken_out() {
    let world = World::funded().await;
    world
        .seal("counties/150203/rosters/more", &[("three", 3)])
        .await;
    world.fund(&["counties/150203/rosters/more"]).await;
    world.clear(&[&case("one"), &case("two"), &case("three")]);
    let order = world.propose(false).await.expect("proposed");
    assert_eq!(order.total_fen, 550_003);
    world.hear(terminated("two", ROSTER)).await;
    let order = world.approve(&order.name).await.expect("approved");
    assert_eq!((order.line_count, order.total_fen), (2, 500_003));
    world.hear(held("three", true)).await;
    let order = world.release(&order.name).await.expect("released");
    assert_eq!((order.line_count, order.total_fen), (1, 500_000));

    let states = world.states().await;
    assert!(states.contains(&(case("one"), 1, Line::Sent)));
    assert!(states.contains(&(case("two"), 1, Line::Cancelled)));
    assert!(states.contains(&(case("three"), 1, Line::Held)));
    world.hear(held("three", false)).await;
    assert_eq!(world.propose(false).await.expect("the rest").total_fen, 3);
}

#[tokio::test]
async fn an_order_that_ran_empty_goes_no_further() {
    let world = World::start().await;
    world.seal(ROSTER, &[("one", 500_000)]).await;
    world.clear(&[&case("one")]);
    let order = world.propose(false).await.expect("proposed");
    world.hear(terminated("one", ROSTER)).await;
    let answer = refused(world.approve(&order.name).await);
    assert_eq!(answer, (Code::FailedPrecondition, "NOTHING_PAYABLE".into()));
}

#[tokio::test]
async fn of_two_makers_at_once_one_gets_the_lines() {
    let world = World::funded().await;
    let (one, other) = tokio::join!(world.propose(false), world.propose(false));
    let (won, lost) = match one {
        Ok(order) => (order, other),
        Err(status) => (other.expect("one of the two"), Err(status)),
    };
    assert_eq!(won.line_count, 2);
    let (_, reason) = refused(lost);
    assert!(
        ["NOTHING_PAYABLE", "LOST_RACE"].contains(&reason.as_str()),
        "{reason}"
    );
}

#[tokio::test]
async fn accounts_are_masked_for_the_county() {
    let world = World::funded().await;
    for line in world.lines(&[]).await {
        assert_eq!(line.account_number, "****4569");
    }
}

#[tokio::test]
async fn lists_come_in_pages() {
    let world = World::funded().await;
    let ask = pb::ListPaymentLinesRequest {
        parent: COUNTY.into(),
        page_size: 1,
        round: ROUND,
        states: vec![Line::Ready.into(), Line::Sent.into()],
        ..Default::default()
    };
    let first = world.maker().list_payment_lines(ask.clone()).await;
    let first = first.expect("first").into_inner();
    let next = pb::ListPaymentLinesRequest {
        page_token: first.next_page_token.clone(),
        ..ask
    };
    let second = world.maker().list_payment_lines(next).await;
    let second = second.expect("second").into_inner();
    assert_eq!((first.lines.len(), second.lines.len()), (1, 1));
    assert_ne!(first.lines, second.lines);
    assert_eq!(second.next_page_token, "");
}
