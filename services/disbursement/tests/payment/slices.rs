//! Orders longer than a slice: each act goes through their lines piece by piece, whoever is killed in between.

use futures::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use time::macros::date;
use tonic::Code;
use yuhui_proto::{
    authz::v1::Role,
    disbursement::v1::{self as pb, payment_line::State as Line, payment_order::State as Order},
    internal::v1::{HoldChanged, event::Payload},
    operations::v1::{self as operations, Operation, operation::State},
};

use crate::harness::{COUNTY, ROSTER, ROUND, World, case, refused};

const FAMILIES: [&str; 5] = ["a", "b", "c", "d", "e"];
/// All of them, in fen.
pub const TOTAL: i64 = 15;
/// Digits of their accounts, as the stand-in has it.
const ACCOUNT: &str = "6217000010001234569";

fn cases() -> Vec<String> {
    FAMILIES.map(case).to_vec()
}

fn held(id: &str) -> Payload {
    Payload::HoldChanged(HoldChanged {
        case: case(id),
        held: true,
    })
}

impl World {
    /// Five funded and cleared families, two lines to a slice.
    pub async fn of_five() -> Self {
        let world = Self::in_slices(2).await;
        let lines: Vec<_> = { FAMILIES.iter().copied() }.zip(1..).collect();
        world.seal(ROSTER, &lines).await;
        world.fund(&[ROSTER]).await;
        world.clear_all();
        world
    }

    fn clear_all(&self) {
        let cases = cases();
        let cases: Vec<&str> = cases.iter().map(String::as_str).collect();
        self.clear(&cases);
    }

    pub async fn order(&self, name: &str) -> pb::PaymentOrder {
        let ask = pb::GetPaymentOrderRequest { name: name.into() };
        let found = self.maker().get_payment_order(ask).await.expect("it");
        found.into_inner().order.expect("an order")
    }

    /// One slice of whatever is to be done, by a worker that knows nothing yet.
    async fn slice(&self) -> bool {
        self.worker().next_slice().await.expect("known")
    }

    pub async fn work(&self) {
        while self.slice().await {}
    }

    /// The last operation of the county.
    async fn last(&self) -> Operation {
        let ask = operations::ListOperationsRequest {
            parent: format!("{COUNTY}/services/disbursement"),
            ..operations::ListOperationsRequest::default()
        };
        let mut finance = self.operations("finance", Role::CountyFinanceApprover);
        let found = finance.list_operations(ask).await.expect("listed");
        found.into_inner().operations.remove(0)
    }

    async fn cancel(&self, name: &str, account: &str, role: Role) -> Result<(), tonic::Status> {
        let ask = operations::CancelOperationRequest {
            name: name.into(),
            request_id: self.fresh(),
        };
        let mut hand = self.operations(account, role);
        hand.cancel_operation(ask).await.map(|_| ())
    }

    pub async fn proposed(&self) -> String {
        let order = self.propose(false).await.expect("begun");
        self.work().await;
        order.name
    }

    pub async fn approved(&self) -> String {
        let name = self.proposed().await;
        self.approve(&name).await.expect("begun");
        self.work().await;
        name
    }

    /// What the bank sees.
    pub async fn at_the_bank(&self) -> Vec<pb::Batch> {
        let ask = pb::ListBatchesRequest {
            parent: "counties/-".into(),
            ..pb::ListBatchesRequest::default()
        };
        let found = self.operator().list_batches(ask).await.expect("listed");
        found.into_inner().batches
    }
}

#[tokio::test]
async fn an_order_grows_slice_by_slice_and_waits_for_nobody_until_it_is_whole() {
    let world = World::of_five().await;
    let order = world.propose(false).await.expect("begun");
    assert_eq!((order.state(), order.line_count), (Order::Proposing, 2));
    assert_eq!(order.operation, world.last().await.name);
    let early = refused(world.approve(&order.name).await);
    assert_eq!(early, (Code::FailedPrecondition, "ORDER_STATE".into()));
    world.work().await;
    let order = world.order(&order.name).await;
    assert_eq!(
        (order.state(), order.operation.as_str()),
        (Order::Proposed, "")
    );
    assert_eq!((order.line_count, order.total_fen), (5, TOTAL));
    let done = world.last().await;
    assert_eq!((done.state(), done.done), (State::Done, 5));
    assert_eq!(
        (done.method.as_str(), done.object),
        ("ProposePaymentOrder", order.name)
    );
}

#[tokio::test]
async fn the_bank_sees_a_batch_once_its_last_line_is_in_it_and_computes_its_hash() {
    let world = World::of_five().await;
    let name = world.approved().await;
    assert_eq!(world.order(&name).await.state(), Order::Approved);
    let releasing = world.release(&name).await.expect("begun");
    assert_eq!(
        (releasing.state(), releasing.batch.as_str()),
        (Order::Releasing, "")
    );
    assert!(world.at_the_bank().await.is_empty(), "not whole yet");
    assert!(world.slice().await);
    assert!(world.at_the_bank().await.is_empty(), "not whole yet");
    world.work().await;
    let order = world.order(&name).await;
    assert_eq!((order.state(), order.total_fen), (Order::Released, TOTAL));
    let batches = world.at_the_bank().await;
    let [batch] = batches.as_slice() else {
        panic!("one batch, not {batches:?}")
    };
    assert_eq!(batch.name, order.batch);
    assert_eq!(
        (batch.line_count, batch.total_fen, batch.open_count),
        (5, TOTAL, 5)
    );

    let ask = pb::ListBatchLinesRequest {
        parent: batch.name.clone(),
        ..pb::ListBatchLinesRequest::default()
    };
    let lines = world.operator().list_batch_lines(ask).await.expect("lines");
    let mut hash = hex::encode(Sha256::digest(&batch.name));
    for it in lines.into_inner().lines {
        let (key, fen, payee, bank) = (it.payment_key, it.amount_fen, it.payee_name, it.bank_name);
        let line = format!("{hash}\t{key}\t{fen}\t{payee}\t{ACCOUNT}\t{bank}\t0\n");
        hash = hex::encode(Sha256::digest(line));
    }
    assert_eq!(batch.hash, hash);

    let told = world.delivered().await.batches();
    assert!(told.iter().all(|it| it.batch == batch.name));
    assert_eq!(told.iter().map(|it| it.first_fen).sum::<i64>(), TOTAL);
    let told: Vec<_> = told.into_iter().flat_map(|it| it.cases).collect();
    assert_eq!(told, cases());
    let audited = world.audited().await;
    let acts = audited
        .iter()
        .filter(|it| it.action == "disbursement.order.release");
    let states: Vec<_> = acts.map(|it| it.after.clone().expect("after")).collect();
    assert_eq!(states.len(), 2, "begun and done");
    assert!(states[0].contains("RELEASING") && states[1].contains("\"RELEASED\""));
}

#[tokio::test]
async fn an_order_of_which_nothing_is_cleared_stays_as_it_was() {
    let world = World::of_five().await;
    let name = world.approved().await;
    let before = world.order(&name).await;
    world.clear(&[]);
    let begun = world.release(&name).await.expect("begun");
    assert_eq!(begun.state(), Order::Releasing);
    world.work().await;
    let after = world.order(&name).await;
    assert_ne!(after.etag, before.etag, "something was begun with it");
    let etag = before.etag.clone();
    assert_eq!(pb::PaymentOrder { etag, ..after }, before);
    let failed = world.last().await;
    assert_eq!(
        (failed.state(), failed.reason.as_str()),
        (State::Failed, "NOT_CLEARED")
    );
    // The hand that could not release it still may.
    world.clear_all();
    world.release(&name).await.expect("begun");
    world.work().await;
    assert_eq!(world.order(&name).await.total_fen, TOTAL);
}

#[tokio::test]
async fn what_may_be_paid_may_be_far_behind_and_the_rest_is_taken_out() {
    let world = World::of_five().await;
    let name = world.approved().await;
    world.clear(&[&case("e")]);
    world.release(&name).await.expect("begun");
    world.work().await;
    let order = world.order(&name).await;
    assert_eq!(
        (order.state(), order.line_count, order.total_fen),
        (Order::Released, 1, 5)
    );
    let done = world.last().await;
    assert_eq!((done.done, done.skipped, done.total), (1, 4, Some(5)));
    assert_eq!(world.lines(&[Line::Ready]).await.len(), 4);
    assert_eq!(world.lines(&[Line::Sent]).await.len(), 1);
}

#[tokio::test]
async fn nothing_to_propose_is_refused_at_the_end_and_leaves_no_order() {
    let world = World::of_five().await;
    world.clear(&[]);
    let ask = pb::ProposePaymentOrderRequest {
        parent: COUNTY.into(),
        round: ROUND,
        kind: pb::OrderKind::FirstPayments.into(),
        request_id: world.fresh(),
    };
    let begun = world
        .maker()
        .propose_payment_order(ask)
        .await
        .expect("begun");
    assert_eq!(begun.into_inner().order, None);
    world.work().await;
    let failed = world.last().await;
    assert_eq!(
        (failed.state(), failed.reason.as_str()),
        (State::Failed, "NOTHING_PAYABLE")
    );
    let ask = pb::ListPaymentOrdersRequest {
        parent: COUNTY.into(),
        ..pb::ListPaymentOrdersRequest::default()
    };
    let orders = world
        .maker()
        .list_payment_orders(ask)
        .await
        .expect("listed");
    assert!(orders.into_inner().orders.is_empty());
}

#[tokio::test]
async fn a_hold_in_the_middle_stops_what_has_not_left() {
    let world = World::of_five().await;
    let name = world.approved().await;
    world.release(&name).await.expect("begun");
    world.hear(held("a")).await;
    world.hear(held("e")).await;
    world.work().await;
    let order = world.order(&name).await;
    assert_eq!((order.line_count, order.total_fen), (4, TOTAL - 5));
    let states = world.states().await;
    assert!(states.contains(&(case("a"), 1, Line::Sent)), "it had left");
    assert!(states.contains(&(case("e"), 1, Line::Held)));
}

#[tokio::test]
async fn what_was_cleared_yesterday_does_not_leave_after_midnight() {
    let world = World::of_five().await;
    let name = world.approved().await;
    world.release(&name).await.expect("begun");
    world.clock.set(date!(2025 - 10 - 21)).expect("sandbox");
    world.work().await;
    let order = world.order(&name).await;
    assert_eq!((order.state(), order.line_count), (Order::Released, 2));
    let batch = world.at_the_bank().await.remove(0);
    assert_eq!(
        (batch.line_count, batch.released_on.as_str()),
        (2, "2025-10-20")
    );
    assert_eq!(world.lines(&[Line::Ready]).await.len(), 3);
}

#[tokio::test]
async fn an_approval_can_be_given_up_and_a_release_cannot() {
    let world = World::of_five().await;
    let name = world.proposed().await;
    world.approve(&name).await.expect("begun");
    let approving = world.last().await.name;
    let finance = Role::CountyFinanceApprover;
    let other = world.cancel(&approving, "finance", finance).await;
    assert_eq!(refused(other).0, Code::PermissionDenied, "another power's");
    let health = Role::CountyHealthApprover;
    let own = world.cancel(&approving, "checker", health).await;
    own.expect("asked to end");
    world.work().await;
    assert_eq!(world.last().await.state(), State::Cancelled);
    let order = world.order(&name).await;
    assert_eq!((order.state(), order.line_count), (Order::Proposed, 5));

    world.approve(&name).await.expect("by the same hand");
    world.work().await;
    world.release(&name).await.expect("begun");
    let releasing = world.last().await.name;
    let other = world.cancel(&releasing, "checker", health).await;
    assert_eq!(refused(other).0, Code::NotFound, "finance asked for it");
    world.work().await;
    assert_eq!(world.last().await.state(), State::Done);
    assert_eq!(world.at_the_bank().await[0].line_count, 5);
}

#[tokio::test]
async fn a_watch_tells_of_every_slice_and_ends_with_the_operation() {
    let world = World::of_five().await;
    world.propose(false).await.expect("begun");
    let begun = world.last().await;
    let watch = async |name: String, revision: i64| {
        let mut hand = world.operations("maker", Role::CountyHealthReviewer);
        let ask = operations::WatchOperationRequest { name, revision };
        Ok::<_, tonic::Status>(hand.watch_operation(ask).await?.into_inner())
    };
    let mut told = watch(begun.name.clone(), 0).await.expect("watched");
    let mut seen = Vec::new();
    while let Some(it) = told.try_next().await.expect("told") {
        seen.push(it.operation.expect("it"));
        world.slice().await;
    }
    let done: Vec<i64> = seen.iter().map(|it| it.done).collect();
    assert_eq!(done, [2, 4, 5]);
    let last = seen.pop().expect("the last");
    assert_eq!(last.state(), State::Done);
    // Nothing came after that.
    let again = watch(begun.name.clone(), last.revision)
        .await
        .expect("watched");
    assert!(
        again
            .try_collect::<Vec<_>>()
            .await
            .expect("over")
            .is_empty()
    );
    let nobodys = begun.name.replace("150203", "150204");
    assert_eq!(
        watch(nobodys, 0)
            .await
            .expect_err("another county's")
            .code(),
        Code::NotFound
    );
}

#[tokio::test]
async fn a_long_order_that_is_declined_lets_its_lines_go_slice_by_slice() {
    let world = World::of_five().await;
    let name = world.proposed().await;
    let ask = pb::DeclinePaymentOrderRequest {
        name: name.clone(),
        etag: world.order(&name).await.etag,
        reason: "名单有误".into(),
        request_id: world.fresh(),
    };
    world
        .checker()
        .decline_payment_order(ask)
        .await
        .expect("begun");
    let early = refused(world.approve(&name).await);
    assert_eq!(
        early,
        (Code::FailedPrecondition, "ORDER_STATE".into()),
        "at once"
    );
    world.work().await;
    let order = world.order(&name).await;
    assert_eq!(
        (order.state(), order.operation.as_str()),
        (Order::Declined, "")
    );
    let done = world.last().await;
    assert_eq!((done.state(), done.done), (State::Done, 5));
    assert_eq!(done.method, "DeclinePaymentOrder");
    let next = world.proposed().await;
    assert_eq!(world.order(&next).await.line_count, 5);
}

#[tokio::test]
async fn what_is_cleared_anew_after_midnight_does_not_leave_with_the_batch_of_the_day_before() {
    let world = World::of_five().await;
    let name = world.approved().await;
    world.release(&name).await.expect("begun");
    world.clock.set(date!(2025 - 10 - 21)).expect("sandbox");
    world.clear_all();
    world.work().await;
    assert_eq!(world.at_the_bank().await[0].line_count, 2);
    // The others leave by an order of their own day.
    let next = world.approved().await;
    world.release(&next).await.expect("begun");
    world.work().await;
    let batches = world.at_the_bank().await;
    assert_eq!(
        (batches[1].line_count, batches[1].released_on.as_str()),
        (3, "2025-10-21")
    );
}

#[tokio::test]
async fn an_order_that_ends_with_a_full_slice_is_whole() {
    let world = World::of_five().await;
    world.clear(&[&case("a"), &case("b"), &case("c"), &case("d")]);
    let name = world.approved().await;
    assert_eq!(world.order(&name).await.line_count, 4);
    world.release(&name).await.expect("begun");
    world.work().await;
    assert_eq!(world.order(&name).await.state(), Order::Released);
    assert_eq!(world.at_the_bank().await[0].line_count, 4);
}

#[tokio::test]
async fn a_line_that_cannot_be_read_keeps_no_other_from_being_paid() {
    let world = World::of_five().await;
    let name = world.approved().await;
    world.spoil(&case("c")).await;
    world.release(&name).await.expect("begun");
    world.work().await;
    let order = world.order(&name).await;
    assert_eq!((order.state(), order.line_count), (Order::Released, 4));
    let done = world.last().await;
    assert_eq!((done.state(), done.done, done.failed), (State::Done, 4, 1));
    assert_eq!(world.at_the_bank().await[0].line_count, 4);
}

#[tokio::test]
async fn what_is_given_up_is_on_record_as_that() {
    let world = World::of_five().await;
    let name = world.approved().await;
    world.clear(&[]);
    world.release(&name).await.expect("begun");
    world.work().await;
    let audited = world.audited().await;
    let of = |action: &str| audited.iter().filter(|it| it.action == action).count();
    assert_eq!(of("disbursement.order.release"), 1, "it was begun");
    let entry = { audited.iter() }.find(|it| it.action == "disbursement.order.give-up");
    assert_eq!(entry.expect("on record").reason, "NOT_CLEARED");
}
