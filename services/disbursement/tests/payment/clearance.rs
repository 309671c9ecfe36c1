//! The check before payment guards the release, of the first payment and of every other (F20, F23).

use time::macros::date;
use tonic::Code;
use yuhui_proto::disbursement::v1::{
    self as pb, payment_line::State as Line, payment_order::State as Order,
};

use crate::harness::{World, case, refused};

async fn order_of(world: &World, name: &str) -> pb::PaymentOrder {
    let ask = pb::GetPaymentOrderRequest { name: name.into() };
    let answer = world.finance().get_payment_order(ask).await.expect("it");
    answer.into_inner().order.expect("an order")
}

#[tokio::test]
async fn a_release_pays_what_the_check_of_its_own_day_has_cleared() {
    let world = World::funded().await;
    let order = world.propose(false).await.expect("proposed");
    world.approve(&order.name).await.expect("approved");
    world.clock.set(date!(2025 - 10 - 28)).expect("sandbox");
    let unchecked = refused(world.release(&order.name).await);
    assert_eq!(
        unchecked,
        (Code::FailedPrecondition, "NOT_CLEARED".into()),
        "a clearance of another day"
    );
    let waiting = order_of(&world, &order.name).await;
    assert_eq!((waiting.state(), waiting.line_count), (Order::Approved, 2));

    // The check of the day proposes to terminate the other.
    world.clear(&[&case("one")]);
    let released = world.release(&order.name).await.expect("released");
    assert_eq!((released.line_count, released.total_fen), (1, 500_000));
    let states = world.states().await;
    assert!(states.contains(&(case("one"), 1, Line::Sent)));
    assert!(states.contains(&(case("two"), 1, Line::Ready)));
    let told = world.delivered().await.batches();
    assert_eq!(told[0].cases, [case("one")]);
    let audited = world.audited().await;
    let out = audited
        .iter()
        .find(|it| it.action == "disbursement.order.take-out");
    assert_eq!(out.expect("on record").reason, "未通过发放前核查");

    // Cleared again it is paid by an order of its own.
    world.clear(&[&case("two")]);
    world.pay(false).await;
    assert_eq!(world.lines(&[Line::Sent]).await.len(), 2);
}

#[tokio::test]
async fn what_lost_its_clearance_is_not_approved() {
    let world = World::funded().await;
    let order = world.propose(false).await.expect("proposed");
    world.clock.set(date!(2025 - 10 - 21)).expect("sandbox");
    // Held, proposed for termination or tainted since: its clearance was taken back.
    world.others.clear_on("2025-10-20", &[&case("two")]);
    let approved = world.approve(&order.name).await.expect("approved");
    assert_eq!((approved.line_count, approved.total_fen), (1, 50_000));
    let nothing = World::funded().await;
    let order = nothing.propose(false).await.expect("proposed");
    nothing.clear(&[]);
    let answer = refused(nothing.approve(&order.name).await);
    assert_eq!(answer, (Code::FailedPrecondition, "NOT_CLEARED".into()));
}

#[tokio::test]
async fn a_payment_to_a_corrected_account_passes_the_same_check() {
    let world = World::funded().await;
    world.return_one("one").await;
    let corrected = world.corrected("one", "6217000099990000111");
    world.hear(corrected).await;
    world.clock.set(date!(2025 - 11 - 5)).expect("sandbox");
    let nothing = (Code::FailedPrecondition, "NOTHING_PAYABLE".to_owned());
    assert_eq!(refused(world.propose(true).await), nothing, "not checked");

    world.clear(&[&case("one")]);
    let order = world.propose(true).await.expect("proposed");
    world.approve(&order.name).await.expect("approved");
    world.clock.set(date!(2025 - 11 - 6)).expect("sandbox");
    let answer = refused(world.release(&order.name).await);
    assert_eq!(answer, (Code::FailedPrecondition, "NOT_CLEARED".into()));
    world.clear(&[&case("one")]);
    let released = world.release(&order.name).await.expect("released");
    assert_eq!(released.total_fen, 500_000);
    let states = world.states().await;
    assert!(states.contains(&(case("one"), 2, Line::Sent)));
}

#[tokio::test]
async fn an_order_does_not_pay_to_an_account_nobody_approved_it_for() {
    let world = World::funded().await;
    let order = world.propose(false).await.expect("proposed");
    world.approve(&order.name).await.expect("approved");
    let corrected = world.corrected("one", "6217000099990000111");
    world.hear(corrected).await;
    let released = world.release(&order.name).await.expect("released");
    assert_eq!((released.line_count, released.total_fen), (1, 50_000));
    let order = world.propose(false).await.expect("the other");
    assert_eq!(order.total_fen, 500_000);
}
