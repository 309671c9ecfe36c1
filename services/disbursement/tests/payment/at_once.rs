//! Two who act on one order at once: SQLite has one writer, PostgreSQL shows what they do to each other.

use yuhui_proto::{
    authz::v1::Role,
    disbursement::v1::{self as pb, payment_order::State as Order},
};

use crate::{harness::World, slices::TOTAL};

#[tokio::test]
async fn of_two_releases_at_once_one_loses_the_race_and_every_line_leaves_once() {
    let world = World::of_five().await;
    let name = world.approved().await;
    let release = async |account: &str| {
        let ask = pb::ReleasePaymentOrderRequest {
            name: name.clone(),
            request_id: world.fresh(),
            etag: String::new(),
        };
        let mut hand = world.orders(account, Role::CountyFinanceApprover);
        hand.release_payment_order(ask).await
    };
    let (one, other) = world
        .while_held_up(release("finance"), release("deputy"))
        .await;
    let lost: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
    assert_eq!(lost.len(), 1, "{lost:?}");
    world.work().await;
    let order = world.order(&name).await;
    assert_eq!((order.state(), order.total_fen), (Order::Released, TOTAL));
    let batches = world.at_the_bank().await;
    assert_eq!((batches.len(), batches[0].line_count), (1, 5));
    let told = world.delivered().await.batches();
    assert!(told.iter().all(|it| it.batch == order.batch));
    assert_eq!(told.iter().map(|it| it.first_fen).sum::<i64>(), TOTAL);
}

#[tokio::test]
async fn of_two_approvals_at_once_one_loses_the_race() {
    let world = World::of_five().await;
    let name = world.proposed().await;
    let approve = async |account: &str| {
        let ask = pb::ApprovePaymentOrderRequest {
            name: name.clone(),
            request_id: world.fresh(),
            etag: String::new(),
        };
        let mut hand = world.orders(account, Role::CountyHealthApprover);
        hand.approve_payment_order(ask).await
    };
    let (one, other) = world
        .while_held_up(approve("checker"), approve("deputy"))
        .await;
    let won = if one.is_ok() {
        "accounts/checker"
    } else {
        "accounts/deputy"
    };
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    world.work().await;
    let order = world.order(&name).await;
    assert_eq!(
        (order.state(), order.approved_by.as_str()),
        (Order::Approved, won)
    );
}
