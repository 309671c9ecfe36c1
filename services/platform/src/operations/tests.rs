use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use serde::{Deserialize, Serialize};
use yuhui_proto::operations::v1 as pb;

use super::*;
use crate::{
    act::Begun,
    audit::{self, Entry},
    db::testing::{on_every_store, tenant},
    idempotency::Key,
    refusal::aborted,
};

/// Counts from one to `upto`, a slice of them at a time, each in the audit record.
struct Count {
    refuses: Arc<AtomicBool>,
    calls: Arc<AtomicI64>,
}

#[derive(Serialize, Deserialize)]
struct UpTo(i64);

#[tonic::async_trait]
impl Work for Count {
    type Ask = UpTo;
    type Place = i64;
    type Ready = ();
    const METHOD: &'static str = "Count";

    async fn prepare(&self, _: &At<'_, Self>) -> Result<()> {
        Ok(())
    }

    async fn apply(&self, at: &At<'_, Self>, tx: &Tx, (): ()) -> Result<Slice<i64>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if at.is_cancelling {
            return Ok(Next::Cancelled.into());
        }
        let upto = at
            .ask
            .0
            .min(at.place + i64::try_from(at.slice).expect("small"));
        for number in at.place + 1..=upto {
            let entry = Entry::new("count", format!("numbers/{number}"));
            audit::record(tx, at.caller, crate::clock::real_now(), entry).await?;
        }
        if self.refuses.load(Ordering::Relaxed) && *at.place > 0 {
            return Err(aborted().into());
        }
        let thirteen = (at.place + 1..=upto).contains(&13);
        let items = thirteen.then(|| Item {
            name: "numbers/13".into(),
            outcome: Outcome::Skipped,
            reason: "UNLUCKY".into(),
        });
        let next = match upto {
            99 => Next::Failed(crate::refusal::unavailable("the hundredth").into()),
            _ if upto == at.ask.0 => Next::Done,
            _ => Next::More(upto),
        };
        Ok(Slice {
            total: Some(at.ask.0),
            done: upto - at.place - i64::from(thirteen),
            items: items.into_iter().collect(),
            next,
        })
    }
}

struct Counting {
    operations: Operations,
    refuses: Arc<AtomicBool>,
    calls: Arc<AtomicI64>,
}

impl Counting {
    fn new(db: &Database, slice: u64) -> Self {
        let clock = Clock::system();
        Self {
            operations: Operations::new("eligibility", db.clone(), clock, slice),
            refuses: Arc::default(),
            calls: Arc::default(),
        }
    }

    fn work(&self) -> Count {
        Count {
            refuses: self.refuses.clone(),
            calls: self.calls.clone(),
        }
    }

    fn worker(&self) -> Worker {
        Worker::new(self.operations.clone()).with(self.work())
    }

    async fn begin(&self, county: &str, id: &str, upto: i64) -> Result<pb::Operation> {
        let (tenant, caller) = (tenant(county), clerk(county));
        let key = Key::new(&caller, id, &pb::Operation::default())?;
        let object = format!("counties/{county}");
        let work = self.work();
        let begun = self
            .operations
            .begin(&work, (&caller, tenant), key, UpTo(upto), object);
        match begun.await? {
            Begun::Answered(answer) => Ok(answer),
            Begun::Open(begun) => {
                let operation = begun.operation.clone();
                begun.finish(operation).await
            }
        }
    }

    async fn now(&self, operation: &pb::Operation) -> Result<rows::Row> {
        let (parent, id) = operation.name.rsplit_once("/operations/").expect("a name");
        let county = parent.split('/').nth(1).expect("a county");
        let tx = self.operations.db.read(tenant(county)).await?;
        let row = rows::get(&tx, id.parse().expect("an id")).await?;
        Ok(row.expect("it is kept"))
    }

    async fn counted(&self, county: &str) -> Result<usize> {
        let tx = self.operations.db.read(tenant(county)).await?;
        Ok(audit::list(&tx, None, 1000).await?.len())
    }
}

fn clerk(county: &str) -> Caller {
    Caller {
        account: "clerk".into(),
        method: "/x/Count".into(),
        ..Caller::service("eligibility", Some(tenant(county)))
    }
}

#[tokio::test]
async fn what_is_short_comes_back_done_and_a_repetition_gets_the_same() {
    on_every_store(async |db| {
        let it = Counting::new(&db, 500);
        let first = it.begin("150203", "r", 20).await?;
        assert_eq!(first.state(), pb::operation::State::Done);
        assert_eq!((first.total, first.done, first.skipped), (Some(20), 19, 1));
        assert_eq!(it.begin("150203", "r", 20).await?, first);
        assert_eq!(it.counted("150203").await?, 20);
        assert!(!it.worker().next_slice().await?, "nothing is left to do");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_at_once_leaves_nothing() {
    on_every_store(async |db| {
        let it = Counting::new(&db, 500);
        let refused = it.begin("150203", "r", 99).await.expect_err("refused");
        assert_eq!(refused.reason().as_deref(), Some("UNAVAILABLE"));
        assert_eq!(it.counted("150203").await?, 0);
        assert_eq!(rows::runnable(&db).await?, []);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn it_goes_on_slice_by_slice_and_counties_take_turns() {
    on_every_store(async |db| {
        let it = Counting::new(&db, 10);
        let long = it.begin("150203", "r", 45).await?;
        assert_eq!(
            (long.state(), long.done),
            (pb::operation::State::Running, 10)
        );
        let second = it.begin("150203", "s", 45).await?;
        let other = it.begin("150204", "r", 25).await?;
        let worker = it.worker();
        let mut order = Vec::new();
        loop {
            let before = [
                it.now(&long).await?,
                it.now(&second).await?,
                it.now(&other).await?,
            ];
            if !worker.next_slice().await? {
                break;
            }
            let after = [
                it.now(&long).await?,
                it.now(&second).await?,
                it.now(&other).await?,
            ];
            let moved = (0..3).find(|&at| before[at].revision != after[at].revision);
            order.push(["long", "second", "other"][moved.expect("one moved")]);
            // Turns are told apart by the millisecond.
            tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        }
        assert_eq!(order.len(), 4 + 4 + 2);
        let others = order
            .iter()
            .position(|it| *it == "other")
            .expect("its turn");
        let last = order
            .iter()
            .rposition(|it| *it == "other")
            .expect("its turn");
        assert!(
            others <= 1 && last <= 3,
            "every second turn is the other county's: {order:?}"
        );
        for operation in [&long, &second] {
            let row = it.now(operation).await?;
            assert_eq!((&*row.state, row.done, row.skipped), (rows::DONE, 44, 1));
        }
        let tx = db.read(tenant("150203")).await?;
        let id = it.now(&long).await?.id.parse().expect("an id");
        let items = rows::items(&tx, id, 0, 10).await?;
        assert_eq!(items.len(), 1);
        assert_eq!(
            (&*items[0].name, &*items[0].reason),
            ("numbers/13", "UNLUCKY")
        );
        drop(tx);
        assert_eq!(it.counted("150203").await?, 90);
        assert_eq!(it.counted("150204").await?, 25);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_slice_that_is_refused_leaves_nothing_and_is_tried_again() {
    on_every_store(async |db| {
        let it = Counting::new(&db, 10);
        let operation = it.begin("150203", "r", 30).await?;
        it.refuses.store(true, Ordering::Relaxed);
        let worker = it.worker();
        assert!(worker.next_slice().await?);
        let row = it.now(&operation).await?;
        assert_eq!(
            (&*row.state, row.done, row.failures),
            (rows::RUNNING, 10, 1)
        );
        assert_eq!(row.reason, "LOST_RACE");
        assert_eq!(it.counted("150203").await?, 10);
        assert!(!worker.next_slice().await?, "it pauses");
        it.refuses.store(false, Ordering::Relaxed);
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        while worker.next_slice().await? {}
        let row = it.now(&operation).await?;
        assert_eq!((&*row.state, &*row.reason), (rows::DONE, ""));
        assert_eq!(it.counted("150203").await?, 30);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn whoever_was_away_too_long_writes_nothing() {
    on_every_store(async |db| {
        let it = Counting::new(&db, 10);
        let operation = it.begin("150203", "r", 30).await?;
        let (tenancy, id) = rows::runnable(&db).await?.remove(0);
        let mine = rows::claim(&db, tenancy, &id).await?.expect("free");
        assert!(
            rows::claim(&db, tenancy, &id).await?.is_none(),
            "it is mine"
        );
        assert_eq!(rows::runnable(&db).await?, []);
        // As if the time of the lease had passed.
        let tx = db.begin(tenancy).await?;
        let over = "UPDATE operation SET lease = 0";
        sea_orm::ConnectionTrait::execute_unprepared(&tx, over).await?;
        tx.commit().await?;
        while it.worker().next_slice().await? {}
        assert_eq!(it.now(&operation).await?.state, rows::DONE);
        let tx = db.begin(tenancy).await?;
        let late = rows::advance(&tx, mine, Slice::from(Next::More(20_i64))).await;
        assert_eq!(
            late.expect_err("late").reason().as_deref(),
            Some("LOST_RACE")
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn it_ends_at_the_edge_of_a_slice_when_asked_to() {
    on_every_store(async |db| {
        let it = Counting::new(&db, 10);
        let operation = it.begin("150203", "r", 30).await?;
        let (tenancy, id) = rows::runnable(&db).await?.remove(0);
        let row = rows::claim(&db, tenancy, &id).await?.expect("free");
        let tx = db.begin(tenancy).await?;
        assert!(rows::cancel(&tx, &id).await?);
        tx.commit().await?;
        // The slice that had begun does not overwrite it.
        let tx = db.begin(tenancy).await?;
        rows::advance(&tx, row, Slice::from(Next::More(10_i64))).await?;
        tx.commit().await?;
        assert_eq!(it.now(&operation).await?.state, rows::CANCELLING);
        while it.worker().next_slice().await? {}
        assert_eq!(it.now(&operation).await?.state, rows::CANCELLED);
        let tx = db.begin(tenancy).await?;
        assert!(!rows::cancel(&tx, &id).await?, "it has ended");
        assert_eq!(rows::prune(&tx, i64::MAX).await?, 1);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_worker_is_woken_by_what_is_begun() {
    on_every_store(async |db| {
        let it = Counting::new(&db, 10);
        let running = it.worker().spawn();
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let begun = std::time::Instant::now();
        let operation = it.begin("150203", "r", 95).await?;
        while it.now(&operation).await?.is_open() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            assert!(begun.elapsed() < std::time::Duration::from_secs(20));
        }
        running.stop().await;
        assert_eq!(it.counted("150203").await?, 95);
        Ok(())
    })
    .await;
}

#[test]
fn who_asked_is_the_same_after_it_was_kept() {
    let caller = Caller {
        person: Some("ref".into()),
        remote: Some("10.0.0.1".into()),
        ..clerk("150203")
    };
    let kept = serde_json::to_string(&asker::Asker::of(&caller)).expect("kept");
    let again: asker::Asker = serde_json::from_str(&kept).expect("read");
    let again = again.caller().expect("a caller");
    assert_eq!(again.account, caller.account);
    assert_eq!(again.unit, caller.unit);
    assert_eq!(again.reach, caller.reach);
    assert_eq!(again.person, caller.person);
    assert_eq!(again.spec, caller.spec);
}
