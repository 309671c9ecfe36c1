//! Events of other services, in whatever order and however often they come.

use std::sync::atomic::Ordering;

use tonic::Code;
use yuhui_platform::outbox;
use yuhui_proto::{
    disbursement::v1::{PaymentLine, payment_line::State as Line},
    internal::v1::{
        AccountCorrected, BatchReleased, DeliverRequest, HoldChanged, LineTerminated, RosterSealed,
        event::Payload,
    },
};

use crate::{
    bank::{acknowledged, authorise, received, report, returned},
    harness::{ROSTER, ROUND, World, case, event, refused},
};

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
    let roster = event(
        "once",
        Payload::RosterSealed(world.sealed(ROSTER, &[("one", 5)])),
    );
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
        ..world.sealed(LATER, &[("one", 500_000), ("three", 7)])
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
    let corrected = world.corrected("one", "6217000099990000115");
    world.hear(corrected).await;
    let lines = world.lines(&[Line::Ready]).await;
    let line = lines.iter().find(|line| line.case == case("one"));
    assert_eq!(line.expect("a line").account_number, "****0115");
    assert_eq!(lines.len(), 2);
}

/// C.7: the line of a claimant who died is his successor's, under another key.
#[tokio::test]
async fn whoever_took_the_case_over_is_paid_and_once() {
    let world = World::funded().await;
    let key_of = |lines: Vec<PaymentLine>| {
        let mut lines = lines.into_iter().filter(|it| it.case == case("one"));
        lines.next().expect("a line").payment_key
    };
    let before = key_of(world.lines(&[Line::Ready]).await);
    world.corrected("one", "6217000099990000115");
    let taken_over = Payload::AccountCorrected(AccountCorrected {
        case: case("one"),
        payee_ref: "the-other-parent".into(),
        former_payee_ref: "payee-one".into(),
    });
    world.hear(taken_over.clone()).await;
    let after = key_of(world.lines(&[Line::Ready]).await);
    assert_ne!(before, after);
    world.pay(false).await;
    let sent = world.lines(&[Line::Sent]).await;
    let line = sent.iter().find(|it| it.case == case("one"));
    assert_eq!(line.expect("a line").account_number, "****0115");
    assert_eq!(sent.len(), 2);
}

#[tokio::test]
async fn whoever_took_the_case_over_is_paid_what_came_back_of_a_line_that_had_left() {
    let world = World::funded().await;
    let batch = acknowledged(&world, false).await;
    let handed_over = AccountCorrected {
        case: case("one"),
        payee_ref: "the-other-parent".into(),
        former_payee_ref: "payee-one".into(),
    };
    world
        .hear(Payload::AccountCorrected(handed_over.clone()))
        .await;
    let lines = received(&world, &batch).await;
    let line = lines.iter().find(|it| it.case == case("one"));
    let results = vec![returned(line.expect("a line"), "AC01")];
    let reported = report(&world, &batch, results).await.expect("reported");
    authorise(&world, &reported.name).await.expect("authorised");
    world.corrected("one", "6217000099990000115");
    let corrected = AccountCorrected {
        former_payee_ref: String::new(),
        ..handed_over
    };
    world.hear(Payload::AccountCorrected(corrected)).await;
    let again = world.lines(&[Line::Ready, Line::Corrected]).await;
    assert!(
        again
            .iter()
            .any(|it| it.case == case("one") && it.attempt == 2),
        "{again:?}"
    );
}

#[tokio::test]
async fn an_account_corrected_while_its_line_is_being_sent_changes_nothing_that_was_sent() {
    let world = World::funded().await;
    let order = world.propose(false).await.expect("proposed");
    world.approve(&order.name).await.expect("approved");
    let corrected = world.corrected("one", "6217000099990000115");
    let (released, ()) = world
        .while_held_up(world.release(&order.name), world.hear(corrected))
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
async fn rosters_that_contradict_themselves_are_kept_and_pay_nobody() {
    let world = World::start().await;
    let good = world.sealed(ROSTER, &[("one", 5), ("two", 7)]);
    let total = RosterSealed {
        total_fen: 13,
        ..good.clone()
    };
    let digest = RosterSealed {
        lines_digest: "00".repeat(32),
        ..good.clone()
    };
    let nothing = world.sealed("counties/150203/rosters/nothing", &[("one", 0)]);
    let twice = world.sealed("counties/150203/rosters/twice", &[("one", 5), ("one", 7)]);
    let foreign = world.sealed("counties/150204/rosters/x", &[("one", 5)]);
    let unknown = RosterSealed {
        roster: "counties/150203/rosters/unknown".into(),
        ..good
    };
    let bad = [total, digest, nothing, twice, foreign, unknown];
    for (id, bad) in ["a", "b", "c", "d", "e", "f"].into_iter().zip(bad) {
        let event = event(id, Payload::RosterSealed(bad));
        world.hear_from_eligibility(event).await.expect("kept");
    }
    let kept = world.kept().await;
    assert_eq!(kept.len(), 6, "{kept:?}");
    for (kind, reason, detail) in kept {
        assert_eq!((&*kind, &*reason), ("roster_sealed", "REFUSED"), "{detail}");
    }
    assert!(world.states().await.is_empty());
}

#[tokio::test]
async fn a_service_speaks_of_its_own_affairs_only() {
    let world = World::start().await;
    let roster = Payload::RosterSealed(world.sealed(ROSTER, &[("one", 5)]));
    let answer = world.hear_from_ledger(event("a", roster)).await;
    assert_eq!(
        refused(answer),
        (Code::PermissionDenied, "FOREIGN_EVENT".into())
    );
    assert!(world.kept().await.is_empty());
}

#[tokio::test]
async fn what_is_not_understood_is_kept_and_holds_up_nothing_else() {
    let world = World::start().await;
    let own = Payload::BatchReleased(BatchReleased::default());
    let other = event("other", own);
    world.hear_from_eligibility(other).await.expect("kept");
    let mut newer = DeliverRequest::of(&event("newer", held("one")), outbox::digest);
    // A field of a contract to come: number 99, a length-delimited text.
    newer.event.extend([0x9a, 0x06, 0x01, b'x']);
    newer.digest = outbox::digest(&newer.event);
    world.hear_bytes(newer).await.expect("kept");
    let garbage = DeliverRequest {
        event: vec![0xff, 0xff],
        digest: outbox::digest(&[0xff, 0xff]),
        ..DeliverRequest::of(&event("garbage", held("one")), outbox::digest)
    };
    world.hear_bytes(garbage).await.expect("kept");
    let kept = world.kept().await;
    let reasons: Vec<_> = kept.iter().map(|(_, reason, _)| reason.as_str()).collect();
    assert_eq!(reasons, ["NOT_UNDERSTOOD"; 3], "{kept:?}");
    world.hear(held("two")).await;
    world.seal(ROSTER, &[("one", 5), ("two", 7)]).await;
    let states = world.states().await;
    let expected = [(case("one"), 1, Line::Ready), (case("two"), 1, Line::Held)];
    assert_eq!(states, expected);
}

fn held(id: &str) -> Payload {
    Payload::HoldChanged(HoldChanged {
        case: case(id),
        held: true,
    })
}

#[tokio::test]
async fn a_roster_that_comes_in_slices_is_seen_when_it_is_whole_and_once() {
    let world = World::start().await;
    let lines: Vec<(String, i64)> = (1..=25).map(|at| (format!("c{at}"), at * 100)).collect();
    let lines: Vec<(&str, i64)> = lines.iter().map(|(id, fen)| (&**id, *fen)).collect();
    world.seal(ROSTER, &[("c3", 300)]).await;
    world.others.page.store(10, Ordering::SeqCst);
    // Eligibility falls silent after the first slice.
    *world.others.answers.lock().expect("lock") = Some(1);
    let sealed = world.sealed(LATER, &lines);
    let roster = event("sliced", Payload::RosterSealed(sealed));
    let answer = world.hear_from_eligibility(roster.clone()).await;
    assert_eq!(refused(answer).0, Code::Unavailable);
    assert_eq!(world.states().await.len(), 1, "nothing of it is seen");
    let corrected = world.corrected("c2", "6217000099990000115");
    world.hear(corrected).await;
    world.hear(held("c4")).await;
    // The same event again is known; a restarted service goes on where it was.
    *world.others.answers.lock().expect("lock") = None;
    world
        .hear_from_eligibility(roster.clone())
        .await
        .expect("known");
    assert_eq!(world.states().await.len(), 1, "nothing of it is seen");
    world.restarted_inbox().settle().await.expect("settled");
    world.hear_from_eligibility(roster).await.expect("known");

    let mut states = world.states().await;
    states.sort_unstable_by_key(|(case, attempt, _)| (case.clone(), *attempt));
    assert_eq!(states.len(), 26);
    let of = |id: &str| {
        let mut of = states.iter().filter(|(name, ..)| *name == case(id));
        of.next_back().map(|(_, attempt, state)| (*attempt, *state))
    };
    assert_eq!(
        of("c3"),
        Some((2, Line::Ready)),
        "its earlier line gives way"
    );
    assert_eq!(of("c4"), Some((1, Line::Held)));
    assert_eq!(of("c25"), Some((1, Line::Ready)));
    let ready = world.lines(&[]).await;
    let account = ready.iter().find(|it| it.case == case("c2"));
    assert_eq!(account.expect("a line").account_number, "****0115");
    let entries = world.audited().await;
    let received = entries
        .iter()
        .filter(|it| it.action == "disbursement.roster.receive" && it.object == LATER);
    assert_eq!(received.count(), 1);
    assert!(world.kept().await.is_empty());
}
