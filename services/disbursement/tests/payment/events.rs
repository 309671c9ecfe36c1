//! Events of other services, in whatever order and however often they come.

use tonic::Code;
use yuhui_proto::{
    disbursement::v1::payment_line::State as Line,
    events::v1::{
        AccountCorrected, BatchReleased, HoldChanged, LineTerminated, RosterSealed, event::Payload,
    },
};

use crate::harness::{ROSTER, ROUND, World, case, event, refused, sealed};

const LATER: &str = "counties/150203/rosters/later";

fn terminated(id: &str, roster: &str) -> Payload {
    Payload::LineTerminated(LineTerminated {
        case: case(id),
        roster: roster.into(),
        programme: yuhui_proto::types::v1::Programme::P1.into(),
        round: ROUND,
        ..LineTerminated::default()
    })
}

#[tokio::test]
async fn an_event_that_comes_twice_has_its_effect_once() {
    let world = World::start().await;
    let roster = event("once", Payload::RosterSealed(sealed(ROSTER, &[("one", 5)])));
    for _ in 0..2 {
        world
            .hear_from_eligibility(roster.clone())
            .await
            .expect("taken");
    }
    // Nor does the same roster under another id.
    world.seal(ROSTER, &[("one", 5)]).await;
    assert_eq!(world.states().await, [(case("one"), 1, Line::Ready)]);
}

#[tokio::test]
async fn terminations_and_holds_apply_to_lines_still_to_come() {
    let world = World::start().await;
    world.hear(terminated("one", ROSTER)).await;
    let hold = HoldChanged {
        case: case("two"),
        held: true,
    };
    world.hear(Payload::HoldChanged(hold)).await;
    world.seal(ROSTER, &[("one", 5), ("two", 7)]).await;
    let states = world.states().await;
    let expected = [
        (case("one"), 1, Line::Cancelled),
        (case("two"), 1, Line::Held),
    ];
    assert_eq!(states, expected);
    assert_eq!(world.lines(&[Line::Held]).await.len(), 1);
    assert!(world.lines(&[Line::Ready]).await.is_empty());
}

#[tokio::test]
async fn a_later_roster_replaces_unsent_lines_and_never_pays_twice() {
    let world = World::funded().await;
    world.clear(&[&case("one")]);
    world.pay(false).await;
    world
        .seal(LATER, &[("one", 500_000), ("two", 40_000)])
        .await;
    let states = world.states().await;
    let expected = [
        (case("one"), 1, Line::Sent),
        (case("two"), 1, Line::Cancelled),
        (case("two"), 2, Line::Ready),
    ];
    assert_eq!(states, expected);
}

#[tokio::test]
async fn what_went_out_in_one_round_does_not_go_out_in_the_next() {
    let world = World::funded().await;
    world.clear(&[&case("one")]);
    world.pay(false).await;
    // Reopened while its line was at the bank, and confirmed too late for its own round.
    let next = RosterSealed {
        round: ROUND + 1,
        ..sealed(LATER, &[("one", 500_000), ("three", 7)])
    };
    world.hear(Payload::RosterSealed(next)).await;
    let mut states = world.states().await;
    states.retain(|(name, ..)| *name != case("two"));
    let expected = [
        (case("one"), 1, Line::Sent),
        (case("three"), 1, Line::Ready),
    ];
    assert_eq!(states, expected);
}

#[tokio::test]
async fn what_was_sent_is_not_cancelled() {
    let world = World::funded().await;
    world.pay(false).await;
    world.hear(terminated("one", ROSTER)).await;
    assert_eq!(world.lines(&[Line::Sent]).await.len(), 2);
}

#[tokio::test]
async fn an_account_corrected_before_the_payment_is_the_one_paid_to() {
    let world = World::funded().await;
    let corrected = AccountCorrected {
        case: case("one"),
        payee_ref: "payee-one".into(),
        payee_name: "申请人one".into(),
        account_number: "6217000099990000115".into(),
        bank_name: "包商".into(),
    };
    world.hear(Payload::AccountCorrected(corrected)).await;
    let lines = world.lines(&[Line::Ready]).await;
    let line = lines.iter().find(|line| line.case == case("one"));
    assert_eq!(line.expect("a line").account_number, "****0115");
    assert_eq!(lines.len(), 2);
}

#[tokio::test]
async fn an_account_corrected_while_its_line_is_being_sent_changes_nothing_that_was_sent() {
    let world = World::funded().await;
    let order = world.propose(false).await.expect("proposed");
    world.approve(&order.name).await.expect("approved");
    let corrected = AccountCorrected {
        case: case("one"),
        payee_ref: "payee-one".into(),
        payee_name: "申请人one".into(),
        account_number: "6217000099990000115".into(),
        bank_name: "包商".into(),
    };
    let (released, ()) = world
        .while_held_up(
            world.release(&order.name),
            world.hear(Payload::AccountCorrected(corrected)),
        )
        .await;
    released.expect("released");
    let sent = world.lines(&[Line::Sent]).await;
    assert_eq!(sent.len(), 2);
    for line in sent {
        assert_eq!(
            line.account_number, "****4569",
            "what the batch was sealed with"
        );
    }
}

#[tokio::test]
async fn rosters_that_contradict_themselves_are_refused() {
    let world = World::start().await;
    let good = sealed(ROSTER, &[("one", 5), ("two", 7)]);
    let total = RosterSealed {
        total_fen: 13,
        ..good.clone()
    };
    let nothing = sealed(ROSTER, &[("one", 0)]);
    let twice = sealed(ROSTER, &[("one", 5), ("one", 7)]);
    let foreign = sealed("counties/150204/rosters/x", &[("one", 5)]);
    for (id, bad) in [("a", total), ("b", nothing), ("c", twice), ("d", foreign)] {
        let answer = world
            .hear_from_eligibility(event(id, Payload::RosterSealed(bad)))
            .await;
        assert_eq!(
            refused(answer),
            (Code::InvalidArgument, "BAD_EVENT".into()),
            "{id}"
        );
    }
    assert!(world.states().await.is_empty());
}

#[tokio::test]
async fn a_service_speaks_of_its_own_affairs_only() {
    let world = World::start().await;
    let roster = Payload::RosterSealed(sealed(ROSTER, &[("one", 5)]));
    let answer = world.hear_from_ledger(event("a", roster)).await;
    assert_eq!(
        refused(answer),
        (Code::PermissionDenied, "FOREIGN_EVENT".into())
    );
    let own = Payload::BatchReleased(BatchReleased::default());
    let answer = world.hear_from_eligibility(event("b", own)).await;
    assert_eq!(
        refused(answer),
        (Code::Unimplemented, "UNKNOWN_EVENT".into())
    );
}
