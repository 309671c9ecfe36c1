//! Two who act on one order at once: SQLite has one writer, PostgreSQL shows what they do to each other.

use yuhui_proto::{
    authz::v1::Role,
    disbursement::v1::{self as pb, payment_order::State as Order},
};

use crate::{
    bank::{acknowledged, authorise, credited, received, report},
    harness::World,
    slices::TOTAL,
};

#[tokio::test]
async fn of_two_releases_at_once_one_loses_the_race_and_every_line_leaves_once() {
    let world = World::of_five().await;
    let name = world.approved().await;
    let etag = world.order(&name).await.etag;
    let release = async |account: &str| {
        let ask = pb::ReleasePaymentOrderRequest {
            name: name.clone(),
            request_id: world.fresh(),
            etag: etag.clone(),
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
    let etag = world.order(&name).await.etag;
    let approve = async |account: &str| {
        let ask = pb::ApprovePaymentOrderRequest {
            name: name.clone(),
            request_id: world.fresh(),
            etag: etag.clone(),
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

#[tokio::test]
async fn of_a_release_and_its_refusal_at_once_one_counts() {
    let world = World::of_five().await;
    let name = world.approved().await;
    let (released, declined) = world
        .while_held_up(world.release(&name), world.decline_release(&name))
        .await;
    assert!(
        released.is_ok() != declined.is_ok(),
        "{released:?} {declined:?}"
    );
    world.work().await;
    let at_the_bank = world.at_the_bank().await;
    assert_eq!(at_the_bank.len(), usize::from(released.is_ok()));
    let state = world.order(&name).await.state();
    let expected = match released {
        Ok(_) => Order::Released,
        Err(_) => Order::Declined,
    };
    assert_eq!(state, expected);
}

#[tokio::test]
async fn of_an_authorisation_and_a_refusal_at_once_one_counts() {
    let world = World::funded().await;
    let batch = acknowledged(&world, false).await;
    let lines = received(&world, &batch).await;
    let made = report(&world, &batch, vec![credited(&lines[0])]).await;
    let made = made.expect("reported").name;
    let decline = async {
        let ask = pb::DeclineResultsRequest {
            name: made.clone(),
            digest: world.report_digest(&made).await,
            reason: "与流水不符".into(),
            request_id: world.fresh(),
        };
        world.authoriser("other").decline_results(ask).await
    };
    let (authorised, declined) = world.while_held_up(authorise(&world, &made), decline).await;
    assert!(
        authorised.is_ok() != declined.is_ok(),
        "{authorised:?} {declined:?}"
    );
    let paid = world.lines(&[pb::payment_line::State::Credited]).await;
    assert_eq!(paid.len(), usize::from(authorised.is_ok()));
}
