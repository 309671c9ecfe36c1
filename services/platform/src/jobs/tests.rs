//! Two replicas and one job.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use tokio::time::timeout;
use tonic::Code;

use super::*;
use crate::db::testing::on_every_store;

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_lease_has_one_holder_and_the_one_before_writes_nothing() {
    on_every_store(async |db| {
        let acquire = async |owner: &str, life| Lease::acquire(&db, "job", owner, life).await;
        let short = Duration::from_millis(700);
        let first = acquire("one", short).await?.expect("free");
        assert_eq!(acquire("two", LONG).await?, None, "held");
        let other = Lease::acquire(&db, "another job", "two", LONG).await?;
        assert_eq!(other.expect("free").epoch(), 1);
        assert!(first.renew(&db, short).await?);

        let tx = db.begin_global().await?;
        first.check(&tx).await?;
        tx.commit().await?;

        sleep(short + Duration::from_millis(100)).await;
        assert!(!first.renew(&db, LONG).await?, "it has ended");
        let second = acquire("two", LONG).await?.expect("free again");
        assert!(second.epoch() > first.epoch());
        assert!(!first.renew(&db, LONG).await?);
        first.release(&db).await?;
        assert_eq!(acquire("one", LONG).await?, None, "the second still has it");

        let tx = db.begin_global().await?;
        let stale = first.check(&tx).await.expect_err("another leads");
        assert_eq!(stale.code(), Code::Aborted);
        drop(tx);
        second.release(&db).await?;
        assert!(acquire("one", LONG).await?.is_some());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn nobody_comes_to_lead_while_a_transaction_of_the_leader_is_open() {
    on_every_store(async |db| {
        if db.backend() == DbBackend::Sqlite {
            // One writer: nobody could.
            return Ok(());
        }
        let short = Duration::from_millis(50);
        let first = Lease::acquire(&db, "job", "one", short)
            .await?
            .expect("free");
        let tx = db.begin_global().await?;
        first.check(&tx).await?;
        sleep(short * 2).await;
        let other = tokio::spawn({
            let db = db.clone();
            async move { Lease::acquire(&db, "job", "two", LONG).await }
        });
        sleep(Duration::from_millis(300)).await;
        assert!(!other.is_finished(), "it waits");
        tx.commit().await?;
        assert!(other.await.expect("joined")?.is_some());
        Ok(())
    })
    .await;
}

/// The epochs under which work was done, in order.
type Done = Arc<Mutex<Vec<i64>>>;

fn job(db: &Database) -> Job {
    let quick = Duration::from_millis(20);
    let mut job = Job::new("job", db, quick).times(Duration::from_millis(400), quick);
    job.pause = Duration::from_millis(1);
    job
}

fn note(done: &Done, epoch: i64) {
    done.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(epoch);
}

fn noted(done: &Done) -> Vec<i64> {
    done.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

async fn until(holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(20), waiting)
        .await
        .expect("in time");
}

#[tokio::test]
async fn of_two_replicas_one_leads_and_the_other_takes_over() {
    on_every_store(async |db| {
        if db.backend() == DbBackend::Sqlite {
            // A file has one process.
            return Ok(());
        }
        let (one, two) = (Done::default(), Done::default());
        let start = |done: &Done| {
            let (db, done) = (db.clone(), done.clone());
            job(&db.clone()).spawn(move |lease| {
                let (db, done) = (db.clone(), done.clone());
                async move {
                    let tx = db.begin_global().await?;
                    lease.check(&tx).await?;
                    tx.commit().await?;
                    note(&done, lease.epoch());
                    Ok(())
                }
            })
        };
        let first = start(&one);
        until(|| noted(&one).len() > 2).await;
        let second = start(&two);
        sleep(Duration::from_millis(600)).await;
        assert_eq!(noted(&two), [] as [i64; 0], "the first renews its lease");
        // As if killed: it leaves its lease to nobody.
        first.task.abort();
        until(|| !noted(&two).is_empty()).await;
        assert!(noted(&two)[0] > *noted(&one).last().expect("work"));
        // Asked to stop, it leaves it at once.
        let (third, before) = (Done::default(), noted(&two));
        let last = start(&third);
        second.stop().await;
        until(|| !noted(&third).is_empty()).await;
        assert!(noted(&third)[0] > before[0]);
        last.stop().await;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_job_that_fails_or_panics_is_begun_again() {
    on_every_store(async |db| {
        let runs = Arc::new(AtomicUsize::new(0));
        let count = runs.clone();
        let running = job(&db).spawn(move |_| {
            let run = count.fetch_add(1, Ordering::Relaxed);
            async move {
                match run {
                    0 => panic!("a bug"),
                    1 => Err(crate::Error::fault("a fault")),
                    _ => Ok(()),
                }
            }
        });
        until(|| runs.load(Ordering::Relaxed) > 3).await;
        running.stop().await;
        // Nothing goes on after it was stopped.
        let runs_then = runs.load(Ordering::Relaxed);
        sleep(Duration::from_millis(100)).await;
        assert_eq!(runs.load(Ordering::Relaxed), runs_then);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn who_has_lost_his_lease_is_cut_off() {
    on_every_store(async |db| {
        let ended = Arc::new(AtomicUsize::new(0));
        let count = ended.clone();
        let running = job(&db).spawn(move |_| {
            let guard = OnDrop(count.clone());
            async move {
                let _guard = guard;
                std::future::pending().await
            }
        });
        let until_held = async {
            loop {
                let held = Lease::acquire(&db, "job", "intruder", Duration::ZERO).await;
                if held.expect("asked").is_none() {
                    return;
                }
            }
        };
        timeout(Duration::from_secs(20), until_held)
            .await
            .expect("it leads");
        let tx = db.begin_global().await?;
        let steal = "UPDATE lease SET epoch = epoch + 1, owner = 'thief'";
        sea_orm::ConnectionTrait::execute_unprepared(&tx, steal).await?;
        tx.commit().await?;
        until(|| ended.load(Ordering::Relaxed) > 0).await;
        running.stop().await;
        Ok(())
    })
    .await;
}

struct OnDrop(Arc<AtomicUsize>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
