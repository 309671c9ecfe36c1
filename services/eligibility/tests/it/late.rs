//! Who is confirmed late joins a supplementary roster of the same round while its batch is open,
//! else the next round (R-PRC-3, C.9).

use time::macros::date;
use tonic::Status;
use yuhui_proto::{
    eligibility::v1::{self as pb, Case, Roster, case::State},
    internal::v1::event::Payload,
    types::v1::Programme,
};

use crate::{
    books::Family,
    harness::{PARENT, World, on_every_world, refused},
};

async fn build(world: &World, round: i32) -> Result<Roster, Status> {
    let ask = pb::BuildRosterRequest {
        parent: PARENT.into(),
        programme: Programme::P1.into(),
        round,
        request_id: world.fresh(),
    };
    let answer = world.maker().rosters().build_roster(ask).await?;
    Ok(answer.into_inner().roster.expect("a roster"))
}

async fn sealed(world: &World, round: i32) -> Roster {
    let built = build(world, round).await.expect("built");
    world
        .seal(&world.checker(), &built.name)
        .await
        .expect("sealed")
}

/// A family whose claim waits at the county.
async fn waiting(world: &World, serial: u32) -> Case {
    world.on(date!(2025 - 03 - 10));
    world.family_at(&Family::of(serial), State::CReview).await
}

#[tokio::test]
async fn a_late_confirmation_is_paid_in_its_round_while_the_batch_is_open() {
    on_every_world(async |world| {
        let [first, second, third, fourth] = [
            waiting(&world, 1).await,
            waiting(&world, 2).await,
            waiting(&world, 3).await,
            waiting(&world, 4).await,
        ]
        .map(|it| it.name);
        world.bring(&first, Programme::P1, State::Confirmed).await;
        let main = sealed(&world, 2025).await;
        assert_eq!((main.round, main.supplement), (2025, 0));

        // After 31 July: still confirmed, a roster of its own, whatever became of the first.
        world.on(date!(2025 - 08 - 04));
        let late = world.bring(&second, Programme::P1, State::Confirmed).await;
        assert_eq!(late.confirmed_on, "2025-08-12");
        let run = world.run_on(date!(2025 - 08 - 13)).await;
        assert!(
            run.flags.iter().all(|it| it.subject != second),
            "its roster is due within ten working days"
        );
        let supplement = sealed(&world, 2025).await;
        assert_eq!((supplement.round, supplement.supplement), (2025, 1));
        assert_eq!(supplement.line_count, 1);
        let case = world.look(&second).await;
        assert_eq!(
            (case.roster.as_str(), case.round),
            (&*supplement.name, 2025)
        );
        assert_ne!(world.look(&first).await.roster, supplement.name);

        // The batch of the first goes out; until 31 October the round still takes who comes.
        world.bring(&first, Programme::P1, State::Paid).await;
        world.on(date!(2025 - 10 - 21));
        world.bring(&third, Programme::P1, State::Confirmed).await;
        let supplement = sealed(&world, 2025).await;
        assert_eq!((supplement.round, supplement.supplement), (2025, 2));

        // After it, the next round.
        world.on(date!(2025 - 11 - 03));
        let last = world.bring(&fourth, Programme::P1, State::Confirmed).await;
        assert_eq!((last.state(), last.round), (State::Confirmed, 2025));
        assert_eq!(refused(build(&world, 2025).await).1, "ROUND_CLOSED");
        world.relay().await;
        world.ledger.heard();
        let next = sealed(&world, 2026).await;
        assert_eq!((next.round, next.supplement, next.line_count), (2026, 0, 1));
        let case = world.look(&fourth).await;
        assert_eq!((case.roster.as_str(), case.round), (&*next.name, 2026));
        let told = world.to_ledger().await;
        assert!(
            matches!(&told[..], [Payload::RosterSealed(it)] if it.round == 2026),
            "{told:?}"
        );
        world.audited().await;
    })
    .await;
}

#[tokio::test]
async fn a_round_whose_batch_waits_takes_supplementary_rosters_after_its_day() {
    on_every_world(async |world| {
        let [first, late] = [waiting(&world, 1).await, waiting(&world, 2).await];
        world.bring(&first.name, Programme::P1, State::Funded).await;
        world.on(date!(2025 - 11 - 03));
        world
            .bring(&late.name, Programme::P1, State::Confirmed)
            .await;
        assert_eq!(sealed(&world, 2025).await.supplement, 1);
    })
    .await;
}

#[tokio::test]
async fn a_roster_built_before_its_round_was_closed_is_not_sealed_after() {
    on_every_world(async |world| {
        let [first, late] = [waiting(&world, 1).await, waiting(&world, 2).await];
        world.bring(&first.name, Programme::P1, State::Funded).await;
        world.on(date!(2025 - 10 - 13));
        world
            .bring(&late.name, Programme::P1, State::Confirmed)
            .await;
        let built = build(&world, 2025).await.expect("built");
        world.bring(&first.name, Programme::P1, State::Paid).await;
        world.on(date!(2025 - 11 - 03));
        let sealed = world.seal(&world.checker(), &built.name).await;
        assert_eq!(refused(sealed).1, "ROUND_CLOSED");
    })
    .await;
}
