//! The queue of what was there before it, and of what an older version wrote beside it.

use std::time::Duration;

use sea_orm::ConnectionTrait as _;
use time::macros::date;
use yuhui_eligibility::Migrator;
use yuhui_kernel::Tenant;
use yuhui_proto::{
    eligibility::v1::case::State,
    operations::v1::operation,
    work::v1::{WorkAct as Act, WorkItem},
};

use crate::{
    books::Family,
    harness::{COUNTY, World},
    stores::on_every_store,
    watch::operations_of,
    work::queue,
};

/// Executes `sql` in the county.
pub async fn execute(world: &World, sql: &str) {
    let county = Tenant::parse(COUNTY).expect("a county");
    let tx = world.db.begin(county).await.expect("begun");
    tx.connection().execute_unprepared(sql).await.expect(sql);
    tx.commit().await.expect("committed");
}

/// The queues of the county's and the city's desks.
async fn queues(world: &World) -> Vec<Vec<WorkItem>> {
    let offices = [
        world.clerk(),
        world.head(),
        world.reviewer(),
        world.lead(),
        world.maker(),
        world.checker(),
        world.registrar(),
        world.applicant(&Family::of(5).mother),
    ];
    let mut queues = Vec::new();
    for office in offices {
        queues.push(queue(&office).await);
    }
    queues
}

/// Starts a replica and waits until the queue of the county is arranged, so often in all.
pub async fn arranged(world: &World, times: usize) {
    let replica = world.arrange();
    let of = async || {
        let all = operations_of(world, COUNTY).await.into_iter();
        let own = all.filter(|it| it.method == "ArrangeQueue");
        own.collect::<Vec<_>>()
    };
    let begun = async {
        while of().await.len() < times {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let begun = tokio::time::timeout(Duration::from_secs(30), begun).await;
    begun.expect("begun");
    for operation in of().await {
        assert_ne!(operation.state(), operation::State::Failed);
        world.items_at_the_end(&operation.name).await;
    }
    replica.stop().await;
    assert_eq!(of().await.len(), times);
}

/// Something at every desk.
async fn filled(world: &World) {
    for (serial, state) in [
        (1, State::Rostered),
        (2, State::VReview),
        (3, State::TNotice),
        (4, State::CNotice),
        (5, State::VReview),
        (6, State::Confirmed),
    ] {
        world.on(date!(2025 - 03 - 10));
        let case = world.family_at(&Family::of(serial), state).await;
        match serial {
            2 => {
                let reported = world.report(&world.clerk(), &case.name, true).await;
                reported.expect("reported");
            }
            3 => {
                let posted = world.post(&world.reviewer(), &[&case.name]).await;
                posted.expect("posted");
            }
            4 => world.notice(&world.maker(), &case.name).await,
            _ => {}
        }
    }
    let rejected = world.rejected(&Family::of(7)).await;
    let asked = world.request_review(&world.clerk(), &rejected.name).await;
    asked.expect("asked");
}

#[tokio::test]
async fn a_database_of_the_version_before_shows_its_queue() {
    on_every_store::<Migrator>(async |db, file| {
        // Slices of two, so that the way has many.
        let world = World::in_slices(db, 2);
        filled(&world).await;
        let before = queues(&world).await;
        let waiting: usize = before.iter().map(Vec::len).sum();
        assert!(waiting >= 7, "{before:#?}");
        if file.is_some() {
            // As it was before the migration, which is done again.
            execute(
                &world,
                "DROP TABLE work_items;
                 DELETE FROM seaql_migrations WHERE version = 'm0016_work_items'",
            )
            .await;
            world.db.migrate::<Migrator>().await.expect("migrated");
        } else {
            execute(&world, "DELETE FROM work_items").await;
        }
        assert!(queues(&world).await.iter().all(Vec::is_empty));
        arranged(&world, 1).await;
        assert_eq!(queues(&world).await, before);
        // Another replica on the same day finds it begun.
        arranged(&world, 1).await;
    })
    .await;
}

#[tokio::test]
async fn what_an_older_replica_wrote_is_put_right_within_a_day() {
    on_every_store::<Migrator>(async |db, _| {
        let world = World::in_slices(db, 2);
        let paid = world.family_at(&Family::of(8), State::Paid).await;
        filled(&world).await;
        arranged(&world, 1).await;
        let before = queues(&world).await;
        // It moved one case without its queue, and knew nothing of another; one is no longer what it was.
        for sql in [
            "UPDATE work_items SET unit = '150203002009' WHERE act = 'SIGN'",
            "DELETE FROM work_items WHERE act IN ('CONFIRM', 'DECIDE_REVIEW', 'CLOSE_NOTICE')",
            "UPDATE work_items SET due_on = '2020-01-01', rank_on = '2020-01-01'
             WHERE act = 'PROPOSE_RECORDING'",
        ] {
            execute(&world, sql).await;
        }
        assert_ne!(queues(&world).await, before);
        let tomorrow = world.clock.today().next_day().expect("a day");
        world.on(tomorrow);
        arranged(&world, 2).await;
        let acts = |queues: &[Vec<WorkItem>]| {
            let acts = queues.iter().flatten();
            acts.map(|it| (it.name.clone(), it.act(), it.due_on.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(acts(&queues(&world).await), acts(&before));

        // What is over leaves the queue even where nobody took it out.
        let closing = queue(&world.maker()).await.into_iter();
        let closing: Vec<_> = closing.filter(|it| it.act() == Act::Close).collect();
        assert!(closing.iter().any(|it| it.object == paid.name), "{closing:#?}");
        let id = paid.name.rsplit('/').next().expect("an id");
        execute(
            &world,
            &format!("UPDATE cases SET state = 'CLOSED', body = replace(body, '\"PAID\"', '\"CLOSED\"') WHERE id = '{id}'"),
        )
        .await;
        let tomorrow = world.clock.today().next_day().expect("a day");
        world.on(tomorrow);
        arranged(&world, 3).await;
        let left = queue(&world.maker()).await;
        assert!(left.iter().all(|it| it.object != paid.name), "{left:#?}");
        assert_eq!(world.look(&paid.name).await.state(), State::Closed);
    })
    .await;
}
