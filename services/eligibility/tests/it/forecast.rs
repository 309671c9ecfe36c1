//! The next round's needs, from what registers and ledger count.

use std::collections::BTreeMap;

use tonic::Code;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{ForecastNeed, ForecastRoundRequest, ForecastRoundResponse},
    internal::v1::PaidProgramme,
    types::v1::Programme,
};

use crate::{
    books::Family,
    harness::{
        CITY, COUNTY, OTHER_COUNTY, Office, PARENT, World, at_fault, on_every_world, refused,
    },
};

fn ask(parent: &str, round: i32) -> ForecastRoundRequest {
    ForecastRoundRequest {
        parent: parent.into(),
        round,
    }
}

async fn told(office: &Office, parent: &str) -> ForecastRoundResponse {
    let answer = office.forecasts().forecast_round(ask(parent, 0)).await;
    answer.expect("a forecast").into_inner()
}

fn city(world: &World) -> Office {
    world.at(Role::CityHealthRegistrar, CITY)
}

fn middle(needs: &[ForecastNeed], programme: Programme) -> (i64, i64) {
    let mut found = needs.iter().filter(|it| it.programme() == programme);
    let middle = found.next().expect("a need").middle.expect("a middle");
    (middle.count, middle.amount_fen)
}

#[tokio::test]
async fn the_needs_follow_births_and_payments() {
    on_every_world(async |world| {
        world.registers.known().children = BTreeMap::from([(2022, 300), (2023, 310), (2024, 320)]);
        let without_a_round = told(&world.maker(), PARENT).await;
        assert_eq!(without_a_round.round, 2026, "next year's");
        assert_eq!(without_a_round.needs.len(), 4);
        assert!(!without_a_round.assumptions.is_empty());
        for need in &without_a_round.needs {
            let [low, middle, high] =
                [need.low, need.middle, need.high].map(|it| it.expect("one").amount_fen);
            assert!(low <= middle && middle <= high, "{need:?}");
        }
        let (children, amount) = middle(&without_a_round.needs, Programme::P1);
        assert_eq!(
            amount,
            children * 500_000,
            "each is worth the amount of the pack"
        );
        assert!(children > 0);

        let paid = PaidProgramme {
            programme: Programme::P2.into(),
            lines: 40,
            amount_fen: 2_000_000,
        };
        world.registers.known().paid = vec![paid];
        let with_a_round = told(&world.maker(), PARENT).await;
        let before = middle(&without_a_round.needs, Programme::P2);
        let after = middle(&with_a_round.needs, Programme::P2);
        assert_ne!(before, after, "the round before counts");

        let all = told(&city(&world), "counties/-").await;
        assert_eq!(all.needs.len(), 40, "ten counties, four programmes");
        let sum: i64 = { all.needs.iter() }
            .map(|it| it.middle.expect("one").amount_fen)
            .sum();
        let total = all.total.expect("a total").middle.expect("one");
        assert_eq!(total.amount_fen, sum);
    })
    .await;
}

#[tokio::test]
async fn classes_and_children_are_those_decided() {
    on_every_world(async |world| {
        world.registers.known().children = BTreeMap::from([(2024, 320)]);
        world
            .family_at(
                &Family::of(1),
                yuhui_proto::eligibility::v1::case::State::Paid,
            )
            .await;
        let paid = PaidProgramme {
            programme: Programme::P1.into(),
            lines: 1,
            amount_fen: 500_000,
        };
        world.registers.known().paid = vec![paid];
        let one_second_child = told(&world.maker(), PARENT).await;
        assert!(middle(&one_second_child.needs, Programme::P1).0 > 0);
    })
    .await;
}

#[tokio::test]
async fn who_may_ask_for_what_and_what_is_wrong_is_told() {
    on_every_world(async |world| {
        let elsewhere = world.at(Role::CountyHealthReviewer, OTHER_COUNTY);
        for parent in [PARENT, "counties/-"] {
            let answer = elsewhere.forecasts().forecast_round(ask(parent, 0)).await;
            assert_eq!(refused(answer).0, Code::NotFound, "{parent}");
        }
        let finance = world.at(Role::CountyFinanceApprover, COUNTY);
        assert_eq!(told(&finance, PARENT).await.needs.len(), 4);
        for round in [2024, 2028] {
            let answer = city(&world)
                .forecasts()
                .forecast_round(ask(PARENT, round))
                .await;
            assert_eq!(at_fault(answer), ["round"]);
        }
        world.registers.known().silent = true;
        let answer = city(&world)
            .forecasts()
            .forecast_round(ask(PARENT, 0))
            .await;
        assert_eq!(refused(answer).0, Code::Unavailable);
    })
    .await;
}
