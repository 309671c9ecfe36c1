//! Events: once, in any order, from the right sender.

use std::sync::atomic::Ordering;

use tonic::Code;
use yuhui_proto::{
    internal::v1::{RosterRecorded, event::Payload},
    types::v1::Programme,
};

use crate::harness::{
    COUNTY, ROUND, event, on_every_world, refused, released, roster_name, settled,
};

#[tokio::test]
async fn a_repeated_event_is_posted_once() {
    on_every_world(async |world| {
        let payload =
            Payload::RosterSealed(world.sealed("main", Programme::P1, &[("one", 500_000)]));
        for _ in 0..3 {
            let event = event("same", payload.clone());
            world.deliver("eligibility", event).await.expect("taken");
        }
        assert_eq!(world.balances(COUNTY).await["2001"], -500_000);
        assert_eq!(world.verify(COUNTY).await.journals, 1);
    })
    .await;
}

#[tokio::test]
async fn one_service_cannot_speak_for_another() {
    on_every_world(async |world| {
        let payload =
            Payload::RosterSealed(world.sealed("main", Programme::P1, &[("one", 500_000)]));
        let answer = world.deliver("disbursement", event("e", payload)).await;
        assert_eq!(
            refused(answer),
            (Code::PermissionDenied, "FOREIGN_EVENT".into())
        );
        assert!(world.balances(COUNTY).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn events_that_come_too_early_wait_and_are_shown() {
    on_every_world(async |world| {
        let paid = Payload::LinesSettled(settled(&[("one", 500_000, true)]));
        world.disbursement(paid).await;
        world.send(500_000, 0, &["one"]).await;
        let recorded = RosterRecorded {
            roster: roster_name("main"),
            round: ROUND,
            total_fen: 500_000,
            record_number: "备〔2025〕1号".into(),
        };
        world.eligibility(Payload::RosterRecorded(recorded)).await;
        let verdict = world.verify(COUNTY).await;
        assert_eq!((verdict.whole, verdict.problems.len()), (false, 3));

        world.seal("main", Programme::P1, &[("one", 500_000)]).await;
        // The recording fits now; the batch must wait for the money, and the bank's answer for
        // the batch.
        assert_eq!(world.verify(COUNTY).await.problems.len(), 2);
        assert_eq!(world.balances(COUNTY).await["1201"], 250_000);
        world.county_pays(250_000).await.expect("county");
        assert_eq!(world.verify(COUNTY).await.problems.len(), 2);
        world.city_pays(250_000).await.expect("city");
        world.assert_whole().await;
        let figures = world.reconciliation().await;
        assert_eq!((figures.credited_fen, figures.balanced), (500_000, true));
    })
    .await;
}

#[tokio::test]
async fn no_batch_is_posted_before_both_shares_have_arrived() {
    on_every_world(async |world| {
        world.seal("main", Programme::P1, &[("one", 500_000)]).await;
        world.record("main", 500_000).await;
        world.city_pays(250_000).await.expect("city");
        let batch = released(500_000, 0, &["one"]);
        world.disbursement(Payload::BatchReleased(batch)).await;
        let problems = world.verify(COUNTY).await.problems;
        assert!(
            problems
                .iter()
                .any(|it| it.contains("covered by both shares")),
            "{problems:?}"
        );
        assert!(!world.balances(COUNTY).await.contains_key("1002"));
    })
    .await;
}

#[tokio::test]
async fn a_batch_that_is_not_the_sum_of_its_lines_is_not_posted() {
    on_every_world(async |world| {
        world.fund(&[("one", 500_000), ("two", 500_000)]).await;
        world.send(500_000, 0, &["one", "two"]).await;
        world.send(500_000, 0, &["unknown"]).await;
        world.send(1_000_000, 0, &["one", "one"]).await;
        assert_eq!(world.verify(COUNTY).await.problems.len(), 3);
        assert_eq!(world.balances(COUNTY).await["1001"], 1_000_000);
    })
    .await;
}

#[tokio::test]
async fn a_line_terminated_at_the_bank_lapses_if_it_comes_back() {
    on_every_world(async |world| {
        world.fund(&[("one", 500_000), ("two", 300_000)]).await;
        world.send(800_000, 0, &["one", "two"]).await;
        world.terminate("main", "one", 500_000).await;
        world.terminate("main", "two", 300_000).await;
        assert_eq!(world.balances(COUNTY).await["1002"], 800_000);
        world
            .settle(&[("one", 500_000, true), ("two", 300_000, false)])
            .await;
        let balances = world.balances(COUNTY).await;
        // Paid is paid (R-TER-4); the returned line goes back to the treasuries.
        assert_eq!((balances["5001"], balances["2101"]), (500_000, -150_000));
        assert!(!balances.contains_key("2002"));
        world.terminate("main", "one", 500_000).await;
        world.assert_whole().await;
        assert!(world.reconciliation().await.balanced);
    })
    .await;
}

#[tokio::test]
async fn a_case_on_a_new_version_of_its_roster_is_payable_once() {
    on_every_world(async |world| {
        let lines = [("one", 500_000), ("two", 300_000)];
        world.seal("first", Programme::P1, &lines).await;
        world.seal("second", Programme::P1, &lines).await;
        assert_eq!(world.balances(COUNTY).await["2001"], -800_000);
        world.record("second", 800_000).await;
        world.county_pays(400_000).await.expect("county");
        world.city_pays(400_000).await.expect("city");
        world.send(800_000, 0, &["one", "two"]).await;
        // What is at the bank cannot be payable again.
        world.seal("third", Programme::P1, &lines).await;
        assert_eq!(world.verify(COUNTY).await.problems.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_case_that_was_never_on_a_roster_is_terminated_without_a_posting() {
    on_every_world(async |world| {
        world.terminate("", "one", 500_000).await;
        let verdict = world.verify(COUNTY).await;
        assert_eq!((verdict.whole, verdict.journals), (true, 0));
    })
    .await;
}

#[tokio::test]
async fn a_recorded_roster_that_the_city_returns_is_owed_no_more() {
    on_every_world(async |world| {
        let lines = [("one", 10_001), ("two", 10_001), ("three", 333)];
        world.seal("main", Programme::P3, &lines).await;
        world
            .seal("other", Programme::P1, &[("four", 500_000)])
            .await;
        world.record("main", 20_335).await;
        world.record("other", 500_000).await;
        world.county_pays(100_000).await.expect("in part");
        for (id, amount) in lines {
            world.terminate("main", id, amount).await;
        }
        let balances = world.balances(COUNTY).await;
        assert_eq!((balances["1201"], balances["1202"]), (250_000, 150_000));
        assert_eq!(balances["2001"], -500_000);
        world.assert_whole().await;

        // Confirmed again, its cases are owed again.
        world.seal("again", Programme::P3, &lines).await;
        world.record("again", 20_335).await;
        let balances = world.balances(COUNTY).await;
        let (city, county) = (balances["1201"], balances["1202"]);
        assert_eq!(city + county, 420_335);
        world.city_pays(city).await.expect("city");
        world.county_pays(county).await.expect("county");
        let ids = ["one", "two", "three", "four"];
        world.send(520_335, 0, &ids).await;
        let all = [("four", 500_000)].into_iter().chain(lines);
        let paid: Vec<_> = all.map(|(id, amount)| (id, amount, true)).collect();
        world.settle(&paid).await;
        world.assert_whole().await;
        assert!(world.reconciliation().await.balanced);
    })
    .await;
}

#[tokio::test]
async fn a_roster_that_comes_in_slices_is_booked_once_and_whole() {
    on_every_world(async |world| {
        let lines: Vec<(String, i64)> = (1..=25).map(|at| (format!("c{at}"), at * 100)).collect();
        let lines: Vec<(&str, i64)> = lines.iter().map(|(id, fen)| (&**id, *fen)).collect();
        world.to_eligibility.page.store(10, Ordering::SeqCst);
        // Eligibility falls silent after the second slice.
        *world.to_eligibility.answers.lock().expect("lock") = Some(2);
        let sealed = world.sealed("main", Programme::P1, &lines);
        let roster = event("sliced", Payload::RosterSealed(sealed));
        let answer = world.deliver("eligibility", roster.clone()).await;
        assert_eq!(refused(answer).0, Code::Unavailable);
        assert!(world.balances(COUNTY).await.is_empty(), "nothing is booked");
        *world.to_eligibility.answers.lock().expect("lock") = None;
        let restarted = yuhui_funding_ledger::inbox(world.deps.clone());
        restarted.settle().await.expect("settled");
        world.deliver("eligibility", roster).await.expect("known");
        assert_eq!(world.balances(COUNTY).await["2001"], -32_500);
        world.assert_whole().await;
        assert_eq!(world.verify(COUNTY).await.journals, 1);
    })
    .await;
}

#[tokio::test]
async fn a_roster_of_other_lines_than_were_sealed_is_kept_and_books_nothing() {
    on_every_world(async |world| {
        world.to_eligibility.page.store(1, Ordering::SeqCst);
        let lines = [("one", 500_000), ("two", 300_000)];
        let sealed = world.sealed("main", Programme::P1, &lines);
        world.sealed(
            "main",
            Programme::P1,
            &[("one", 500_000), ("three", 300_000)],
        );
        let payload = Payload::RosterSealed(sealed.clone());
        world
            .deliver("eligibility", event("e", payload))
            .await
            .expect("kept");
        assert_eq!(
            world.kept().await,
            [("roster_sealed".into(), "REFUSED".into())]
        );
        assert!(world.balances(COUNTY).await.is_empty());
        // What had come of it is taken back: mended, it is taken in from its beginning.
        world.sealed("main", Programme::P1, &lines);
        world.terminate("", "unknown", 1).await;
        assert!(world.kept().await.is_empty());
        assert_eq!(world.balances(COUNTY).await["2001"], -800_000);
    })
    .await;
}
