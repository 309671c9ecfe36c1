//! Money of contested cases stays until the term has run (C.8).

use time::macros::date;
use tonic::Code;
use yuhui_proto::internal::v1::{CaseContestable, event::Payload};

use crate::harness::{World, case, on_every_world, refused};

impl World {
    async fn contestable(&self, id: &str, until_on: &str) {
        let told = CaseContestable {
            case: case(id),
            until_on: until_on.into(),
        };
        self.eligibility(Payload::CaseContestable(told)).await;
    }

    fn on(&self, day: time::Date) {
        self.deps.clock.set(day).expect("a sandbox");
    }
}

fn reserved<T: std::fmt::Debug>(answer: Result<T, tonic::Status>) {
    let told = refused(answer);
    assert_eq!(told.0, Code::FailedPrecondition);
    assert_eq!(told.1, "SURPLUS_RESERVED");
}

#[tokio::test]
async fn what_a_contested_line_gave_back_stays_until_its_term_has_run() {
    on_every_world(async |world| {
        world.fund(&[("one", 500_001), ("two", 300_000)]).await;
        world.terminate("main", "one", 500_001).await;
        world.contestable("one", "2025-11-10").await;
        reserved(world.remit().await);

        world.terminate("main", "two", 300_000).await;
        let other = world.remit().await.expect("what nobody contests");
        assert_eq!(other.amount_fen, 300_000);
        world.on(date!(2025 - 11 - 10));
        reserved(world.remit().await);
        world.on(date!(2025 - 11 - 11));
        let rest = world.remit().await.expect("the term has run");
        assert_eq!(rest.amount_fen, 500_001);
        world.assert_whole().await;
    })
    .await;
}

#[tokio::test]
async fn a_pending_review_reserves_without_a_day_until_it_is_decided() {
    on_every_world(async |world| {
        world.fund(&[("one", 500_000)]).await;
        world.terminate("main", "one", 500_000).await;
        world.contestable("one", "2025-11-10").await;
        world.contestable("one", "").await;
        world.on(date!(2026 - 03 - 01));
        reserved(world.remit().await);
        world.contestable("one", "2026-03-01").await;
        reserved(world.remit().await);
        world.on(date!(2026 - 03 - 02));
        world.remit().await.expect("upheld");
        world.assert_whole().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_payable_again_reserves_nothing_of_its_old_line() {
    on_every_world(async |world| {
        world.fund(&[("one", 500_000)]).await;
        world.terminate("main", "one", 500_000).await;
        world.contestable("one", "").await;
        reserved(world.remit().await);
        let again = [("one", 500_000)];
        world
            .seal("again", yuhui_proto::types::v1::Programme::P1, &again)
            .await;
        world
            .remit()
            .await
            .expect("its new line has shares of its own");
        world.assert_whole().await;
    })
    .await;
}

#[tokio::test]
async fn what_a_line_never_gave_back_reserves_nothing_of_others() {
    on_every_world(async |world| {
        let lines = [("one", 500_001), ("two", 300_001), ("three", 200_000)];
        world
            .seal("main", yuhui_proto::types::v1::Programme::P1, &lines)
            .await;
        world.record("main", 1_000_002).await;
        // Stopped before the money came: it is not asked for, and gives nothing back.
        world.terminate("main", "one", 500_001).await;
        world.contestable("one", "").await;
        world.county_pays(250_001).await.expect("county");
        world.city_pays(250_000).await.expect("city");
        world.terminate("main", "two", 300_001).await;
        let other = world.remit().await.expect("what nobody contests");
        assert_eq!(other.amount_fen, 300_001);
        // Contested to the fen, whoever bears the odd one.
        world.terminate("main", "three", 200_000).await;
        world.contestable("three", "").await;
        reserved(world.remit().await);
        world.assert_whole().await;
    })
    .await;
}

#[tokio::test]
async fn money_that_went_back_is_not_reserved_at_the_cost_of_others() {
    on_every_world(async |world| {
        world.fund(&[("one", 500_001), ("two", 300_001)]).await;
        world.terminate("main", "one", 500_001).await;
        world.remit().await.expect("nothing is contested yet");
        world.contestable("one", "").await;
        world.terminate("main", "two", 300_001).await;
        let other = world.remit().await.expect("of another case");
        assert_eq!(other.amount_fen, 300_001);
        world.assert_whole().await;
    })
    .await;
}
