//! Work in bulk goes slice by slice, whoever is killed in between.

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, DbBackend};
use time::macros::date;
use yuhui_eligibility::Migrator;
use yuhui_kernel::{LinesDigest, Money, Tenant};
use yuhui_proto::{
    eligibility::v1::{self as pb, case::State, roster},
    internal::v1::event::Payload,
    operations::v1::{self as operations, operation},
    types::v1::Programme,
};

use crate::{
    books::Family,
    deadlines::steps,
    harness::{COUNTY, OTHER_COUNTY, PARENT, World, on_every_world, refused},
    lapses::hold,
    stores::on_every_store,
};

const SECONDS: Duration = Duration::from_secs(30);

/// Runs `test` in a world whose slices hold one item each, on every store.
pub async fn slice_by_slice(test: impl AsyncFn(World)) {
    on_every_store::<Migrator>(async |db, _| test(World::in_slices(db, 1)).await).await;
}

impl World {
    /// So many families, confirmed.
    pub async fn confirmed(&self, count: u32) -> Vec<String> {
        let mut cases = Vec::new();
        for number in 1..=count {
            self.on(date!(2025 - 03 - 10));
            let case = self.family_at(&Family::of(number), State::Confirmed).await;
            cases.push(case.name);
        }
        cases
    }

    pub async fn operation(&self, name: &str) -> operations::Operation {
        let name = name.into();
        let ask = operations::GetOperationRequest { name };
        let found = self.maker().operations().get_operation(ask).await;
        found.expect("there").into_inner().operation.expect("it")
    }

    async fn roster(&self, name: &str) -> pb::Roster {
        let ask = pb::GetRosterRequest { name: name.into() };
        let found = self.maker().rosters().get_roster(ask).await;
        found.expect("there").into_inner().roster.expect("it")
    }

    /// Lets a worker do slice after slice of what there is until `enough`.
    pub async fn work_until(&self, name: &str, enough: impl Fn(&operations::Operation) -> bool) {
        let worker = self.worker();
        let done = async {
            while !enough(&self.operation(name).await) {
                if !worker.next_slice().await.expect("known") {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            }
        };
        tokio::time::timeout(SECONDS, done).await.expect("in time");
    }

    /// What became of the items of an operation, once it is done.
    pub async fn items_at_the_end(&self, name: &str) -> Vec<operations::Item> {
        let ended = |it: &operations::Operation| it.state() == operation::State::Done;
        self.work_until(name, ended).await;
        let ask = operations::ListOperationItemsRequest {
            parent: name.into(),
            ..operations::ListOperationItemsRequest::default()
        };
        let found = self.maker().operations().list_operation_items(ask).await;
        found.expect("a list").into_inner().items
    }

    async fn finished(&self, roster: &pb::Roster) -> pb::Roster {
        assert_ne!(roster.operation, "", "it goes on: {roster:?}");
        let ended = |it: &operations::Operation| it.state() == operation::State::Done;
        self.work_until(&roster.operation, ended).await;
        self.roster(&roster.name).await
    }

    async fn cancel(&self, name: &str) -> operations::Operation {
        let ask = operations::CancelOperationRequest {
            name: name.into(),
            request_id: self.fresh(),
        };
        let cancelled = self.maker().operations().cancel_operation(ask).await;
        cancelled
            .expect("asked")
            .into_inner()
            .operation
            .expect("it")
    }

    pub async fn states(&self, cases: &[String]) -> Vec<State> {
        let mut states = Vec::new();
        for case in cases {
            states.push(self.look(case).await.state());
        }
        states
    }
}

#[tokio::test]
async fn a_roster_is_sealed_slice_by_slice_and_by_whoever_is_left() {
    slice_by_slice(async |world| {
        let cases = world.confirmed(7).await;
        let built = world.build(Programme::P1).await.expect("begun");
        assert_eq!(
            built.line_count, 0,
            "nothing is counted that is not all counted"
        );
        assert_eq!(
            refused(world.seal(&world.checker(), &built.name).await).1,
            "ROSTER_BUSY"
        );
        let built = world.finished(&built).await;
        assert_eq!((built.line_count, built.total_fen), (7, 3_500_000));
        assert_eq!(built.operation, "");

        let sealing = world
            .seal(&world.checker(), &built.name)
            .await
            .expect("begun");
        assert_eq!(sealing.state(), roster::State::Sealing);
        world
            .work_until(&sealing.operation, |it| it.done >= 1)
            .await;
        let stands = world.operation(&sealing.operation).await;
        assert_eq!(
            (stands.state(), stands.total),
            (operation::State::Running, Some(7))
        );
        let rostered = world.states(&cases).await;
        assert!(rostered.contains(&State::Rostered) && rostered.contains(&State::Confirmed));
        // What it has taken, and what it is going to take, changes by nothing else.
        for case in &cases {
            assert_eq!(refused(world.hold(case).await).1, "ROSTER_BUSY");
        }
        assert_eq!(refused(world.build(Programme::P1).await).1, "ROSTER_BUSY");
        world.relay().await;
        assert_eq!(
            world.to_ledger().await,
            [],
            "nobody is told of half a roster"
        );
        // It is past ending: what is half done is finished.
        let cancelling = world.cancel(&sealing.operation).await;
        assert_eq!(cancelling.state(), operation::State::Cancelling);

        let sealed = world.finished(&sealing).await;
        assert_eq!(
            (sealed.state(), &*sealed.operation),
            (roster::State::Sealed, "")
        );
        assert_eq!(world.states(&cases).await, [State::Rostered; 7]);
        let told = world.to_ledger().await;
        let [Payload::RosterSealed(told)] = &told[..] else {
            panic!("{told:?}")
        };
        let mut digest = LinesDigest::of(&sealed.name);
        let mut sorted = cases.clone();
        sorted.sort();
        for case in &sorted {
            digest.add(case, Money::from_fen(500_000));
        }
        assert_eq!((told.line_count, told.total_fen), (7, 3_500_000));
        assert_eq!(&*told.lines_digest, digest.hex());
        let ask = pb::ListRosterLinesRequest {
            parent: sealed.name.clone(),
            ..pb::ListRosterLinesRequest::default()
        };
        let lines = world.maker().rosters().list_roster_lines(ask).await;
        let lines = lines.expect("lines").into_inner().lines;
        let listed: Vec<String> = lines.into_iter().map(|it| it.case).collect();
        assert_eq!(listed, sorted);
        world.hold(&cases[0]).await.expect("free again");
        world.audited().await;
    })
    .await;
}

#[tokio::test]
async fn a_stale_roster_is_found_out_before_anything_is_taken() {
    slice_by_slice(async |world| {
        let cases = world.confirmed(3).await;
        let built = world.build(Programme::P1).await.expect("begun");
        let built = world.finished(&built).await;
        world.hold(&cases[1]).await.expect("held");
        let sealing = world
            .seal(&world.checker(), &built.name)
            .await
            .expect("begun");
        let ended = |it: &operations::Operation| it.state() == operation::State::Failed;
        world.work_until(&sealing.operation, ended).await;
        let failed = world.operation(&sealing.operation).await;
        assert_eq!((&*failed.reason, failed.done), ("ROSTER_STALE", 0));
        let stands = world.roster(&built.name).await;
        assert_eq!(
            (stands.state(), &*stands.operation),
            (roster::State::Building, "")
        );
        assert_eq!(
            world.states(&cases).await,
            [State::Confirmed, State::Hold, State::Confirmed]
        );
        world.relay().await;
        assert_eq!(world.to_ledger().await, []);
    })
    .await;
}

#[tokio::test]
async fn a_sealing_that_has_taken_nothing_ends_when_asked_to() {
    slice_by_slice(async |world| {
        let cases = world.confirmed(3).await;
        let built = world.build(Programme::P1).await.expect("begun");
        let built = world.finished(&built).await;
        let sealing = world
            .seal(&world.checker(), &built.name)
            .await
            .expect("begun");
        world.cancel(&sealing.operation).await;
        let ended = |it: &operations::Operation| it.state() == operation::State::Cancelled;
        world.work_until(&sealing.operation, ended).await;
        let stands = world.roster(&built.name).await;
        assert_eq!(
            (stands.state(), &*stands.operation),
            (roster::State::Building, "")
        );
        assert_eq!(world.states(&cases).await, [State::Confirmed; 3]);
        // And is sealed after all.
        let sealing = world
            .seal(&world.checker(), &built.name)
            .await
            .expect("begun");
        assert_eq!(
            world.finished(&sealing).await.state(),
            roster::State::Sealed
        );
    })
    .await;
}

#[tokio::test]
async fn a_roster_is_recorded_and_returned_slice_by_slice() {
    slice_by_slice(async |world| {
        let cases = world.confirmed(7).await;
        let built = world.build(Programme::P1).await.expect("begun");
        let built = world.finished(&built).await;
        let name = built.name.clone();
        let sealing = world.seal(&world.checker(), &name).await.expect("begun");
        world.finished(&sealing).await;
        let checking = world.check_roster(&name).await.expect("begun");
        let early = world.record(&world.recorder(), &name).await;
        assert_eq!(refused(early).1, "ROSTER_BUSY");
        let checked = world.finished(&checking).await;
        assert_eq!(checked.state(), roster::State::Checked);
        let recording = world.record(&world.recorder(), &name).await.expect("begun");
        world
            .work_until(&recording.operation, |it| it.done >= 2)
            .await;
        let recorded = world.finished(&recording).await;
        assert_eq!(recorded.state(), roster::State::Recorded);
        assert_ne!(recorded.record_number, "");
        assert_eq!(world.states(&cases).await, [State::Recorded; 7]);
        let told = world.to_ledger().await;
        let recorded = told
            .iter()
            .filter(|it| matches!(it, Payload::RosterRecorded(_)));
        assert_eq!(recorded.count(), 1);

        let proposing = world.propose_return(&name).await.expect("begun");
        world.finished(&proposing).await;
        let returning = world
            .approve_return(&world.recorder(), &name)
            .await
            .expect("begun");
        world
            .work_until(&returning.operation, |it| it.done >= 1)
            .await;
        assert_eq!(refused(world.build(Programme::P1).await).1, "ROSTER_BUSY");
        // What is struck off lets the ledger think that the rest is paid for.
        world.funded(&name).await;
        let returned = world.finished(&returning).await;
        assert_eq!(returned.state(), roster::State::Superseded);
        assert_eq!(world.states(&cases).await, [State::CReview; 7]);
        let told = world.to_ledger().await;
        let struck_off = told
            .iter()
            .filter(|it| matches!(it, Payload::LineTerminated(_)));
        assert_eq!((struck_off.count(), told.len()), (7, 7));
        world.audited().await;
    })
    .await;
}

#[tokio::test]
async fn the_check_before_payment_goes_on_after_its_answer() {
    slice_by_slice(async |world| {
        let cases = world.confirmed(3).await;
        for step in 0..5 {
            // Every one of these is an operation; the walk knows calls only.
            let worker = world.worker().spawn();
            let roster = world.look(&cases[0]).await.roster;
            match step {
                0 => {
                    let built = world.build(Programme::P1).await.expect("begun");
                    let built = world.finished(&built).await;
                    let sealing = world.seal(&world.checker(), &built.name).await;
                    world.finished(&sealing.expect("begun")).await;
                }
                1 => {
                    let checking = world.check_roster(&roster).await.expect("begun");
                    world.finished(&checking).await;
                }
                2 => {
                    let recording = world.record(&world.recorder(), &roster).await;
                    world.finished(&recording.expect("begun")).await;
                }
                3 => world.funded(&roster).await,
                _ => {
                    world.hold(&cases[1]).await.expect("held");
                }
            }
            worker.stop().await;
        }
        world.on(date!(2025 - 10 - 20));
        let begun = world.check().await.expect("begun");
        let operation = begun.operation.expect("it");
        assert_eq!(operation.state(), operation::State::Running);
        assert_eq!(operation.done + operation.skipped, 1, "one slice, one case");
        world.work_until(&operation.name, |it| it.done >= 1).await;
        let ended = |it: &operations::Operation| it.state() == operation::State::Done;
        world.work_until(&operation.name, ended).await;
        let ended = world.operation(&operation.name).await;
        assert_eq!((ended.done, ended.skipped, ended.failed), (2, 1, 0));
        let items = world.items_at_the_end(&operation.name).await;
        let [item] = &items[..] else {
            panic!("{items:?}")
        };
        assert_eq!((&*item.name, &*item.reason), (&*cases[1], "HELD"));
    })
    .await;
}

#[tokio::test]
async fn deadlines_are_looked_at_slice_by_slice_and_flagged_once_by_two_at_work() {
    slice_by_slice(async |world| {
        let mut cases = Vec::new();
        for number in 1..=3 {
            world.on(date!(2025 - 03 - 10));
            let case = world.family_at(&Family::of(number), State::VReview).await;
            cases.push(case.name);
        }
        hold(&world, &cases[1], "2025-04-10").await;
        let on = date!(2025 - 05 - 01);
        world.on(on);
        let first = world.begin_run(&world.maker(), PARENT, on).await;
        let second = world.begin_run(&world.checker(), PARENT, on).await;
        let [first, second] = [first, second].map(|it| it.expect("begun").operations.remove(0));
        assert_eq!((first.state(), first.done), (operation::State::Running, 1));
        let items = tokio::join!(
            world.items_at_the_end(&first.name),
            world.items_at_the_end(&second.name)
        );
        let items = [items.0, items.1].concat();
        let told: Vec<_> = items.iter().map(|it| (&*it.name, &*it.reason)).collect();
        assert_eq!(told, [(&*cases[1], "HOLD_OVER")], "whoever did it");
        let ended = [
            world.operation(&first.name).await,
            world.operation(&second.name).await,
        ];
        // Three cases each, and as many missed duties as were known by then.
        assert!(
            ended
                .iter()
                .all(|it| it.done >= 3 && it.failed + it.skipped == 0)
        );
        assert_eq!(ended.iter().map(|it| it.changed).sum::<i64>(), 1);
        // Back from the hold, the village has a term of its own.
        assert_eq!(steps(&world.inspector()).await, [0, 0]);

        world.bring(&cases[2], Programme::P1, State::TReview).await;
        let later = world.run_on(date!(2025 - 06 - 13)).await;
        assert_eq!(later.settled, 1);
        world.audited().await;
    })
    .await;
}

#[tokio::test]
async fn operations_are_seen_by_their_county_and_by_those_above_it() {
    on_every_world(async |world| {
        world.confirmed(1).await;
        let built = world.build(Programme::P1).await.expect("built");
        assert_eq!(built.operation, "", "what is short is done");
        let parent = format!("{PARENT}/services/eligibility");
        let list = |parent: &str| operations::ListOperationsRequest {
            parent: parent.into(),
            ..operations::ListOperationsRequest::default()
        };
        for office in [world.maker(), world.checker(), world.registrar()] {
            let listed = office.operations().list_operations(list(&parent)).await;
            let listed = listed.expect("listed").into_inner().operations;
            let [operation] = &listed[..] else {
                panic!("{listed:?}")
            };
            assert_eq!(
                (&*operation.method, &*operation.object),
                ("BuildRoster", &*built.name)
            );
            assert_eq!(operation.state(), operation::State::Done);
            let wait = operations::WaitOperationRequest {
                name: operation.name.clone(),
                ..operations::WaitOperationRequest::default()
            };
            let waited = office
                .operations()
                .wait_operation(wait)
                .await
                .expect("at once");
            assert_eq!(waited.into_inner().operation.as_ref(), Some(operation));
        }
        let elsewhere = format!("counties/{OTHER_COUNTY}/services/eligibility");
        let nowhere = format!("{PARENT}/services/disbursement");
        for parent in [&*elsewhere, &*nowhere, PARENT] {
            let listed = world
                .maker()
                .operations()
                .list_operations(list(parent))
                .await;
            assert_eq!(refused(listed).1, "NOT_FOUND", "{parent}");
        }
        let villager = world
            .clerk()
            .operations()
            .list_operations(list(&parent))
            .await;
        assert_eq!(
            villager.expect_err("denied").code(),
            tonic::Code::PermissionDenied
        );
    })
    .await;
}

#[tokio::test]
async fn a_case_that_cannot_be_judged_holds_up_no_other() {
    on_every_world(async |world| {
        let mut cases = world.confirmed(2).await;
        for case in &cases {
            world.bring(case, Programme::P1, State::Funded).await;
        }
        let (broken, whole) = (cases.remove(0), cases.remove(0));
        let tenant = Tenant::parse(COUNTY).expect("a county");
        let tx = world.db.begin(tenant).await.expect("begun");
        let id = broken.rsplit('/').next().expect("an id");
        let bytes = match tx.get_database_backend() {
            DbBackend::Postgres => "bytea",
            _ => "blob",
        };
        let sql = format!("UPDATE cases SET sealed = CAST('00' AS {bytes}) WHERE id = '{id}'");
        tx.execute_unprepared(&sql).await.expect("broken");
        tx.commit().await.expect("committed");
        world.on(date!(2025 - 10 - 20));
        let checked = world.check().await.expect("checked");
        let operation = checked.operation.expect("it");
        assert_eq!((operation.done, operation.failed), (1, 1));
        assert_eq!(operation.state(), operation::State::Done);
        assert_eq!(world.cleared().await, [whole]);
    })
    .await;
}
