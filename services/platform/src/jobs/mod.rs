//! What a service does without being asked. One replica does a job for all of them, while it holds
//! the job's lease; what ends or panics is begun again, later each time.

mod lease;

use std::{sync::Arc, time::Duration};

use anyhow::anyhow;
use sea_orm::DbBackend;
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep},
};

pub use lease::Lease;

use crate::{Result, backoff, clock, db::Database};

/// How long a lease lasts that is not renewed.
const LEASE: Duration = Duration::from_secs(60);
/// How often it is renewed, and how often others look whether it is free.
const RENEW: Duration = Duration::from_secs(15);
/// Shortest and longest pause after a run that failed.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// A job that one replica does for all.
pub struct Job {
    name: &'static str,
    db: Database,
    every: Duration,
    lease: Duration,
    renew: Duration,
    pause: Duration,
}

/// A job at work in this process.
pub struct Running {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Running {
    /// The `task` that ends when `stop` is set.
    pub(crate) fn of(stop: watch::Sender<bool>, task: JoinHandle<()>) -> Self {
        Self { stop, task }
    }

    /// Ends it where it is, and leaves its lease to others.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "a job broke down");
        }
    }
}

/// How a time of leading ended.
enum Ended {
    /// Somebody else may lead.
    Lost,
    Failed(anyhow::Error),
}

impl Job {
    /// The job `name` of the service whose database is `db`, run `every` so often.
    #[must_use]
    pub fn new(name: &'static str, db: &Database, every: Duration) -> Self {
        Self {
            name,
            db: db.clone(),
            every,
            lease: LEASE,
            renew: RENEW,
            pause: PAUSE,
        }
    }

    /// Other times: of the lease, of its renewal.
    #[must_use]
    pub fn times(mut self, lease: Duration, renew: Duration) -> Self {
        self.lease = lease;
        self.renew = renew;
        self
    }

    /// Does `work` until stopped. It is given the lease, to be checked in each of its transactions.
    #[must_use]
    pub fn spawn<F>(self, work: impl Fn(Arc<Lease>) -> F + Send + Sync + 'static) -> Running
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let (stop, mut stopped) = watch::channel(false);
        let task = tokio::spawn(async move {
            let mut held = None;
            tokio::select! {
                () = self.keep_working(&work, &mut held) => {}
                // An error means that nobody could stop it any more.
                _ = stopped.wait_for(|it| *it) => {}
            }
            if let Some(lease) = held {
                self.release(&lease).await;
            }
        });
        Running { stop, task }
    }

    async fn keep_working<F>(&self, work: &impl Fn(Arc<Lease>) -> F, held: &mut Option<Arc<Lease>>)
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        // A file has one process, which need not wait for itself after it was killed.
        let owner = match self.db.backend() {
            DbBackend::Sqlite => "this process".to_owned(),
            _ => clock::fresh_id().to_string(),
        };
        let (job, mut failures) = (self.name, 0);
        loop {
            match Lease::acquire(&self.db, job, &owner, self.lease).await {
                Ok(Some(lease)) => {
                    tracing::debug!(job, epoch = lease.epoch(), "leading");
                    let lease = held.insert(Arc::new(lease)).clone();
                    let ended = self.lead(work, &lease, &mut failures).await;
                    match ended {
                        Ended::Lost => tracing::warn!(job, "the lease is lost"),
                        Ended::Failed(error) => {
                            let error = format!("{error:#}");
                            tracing::error!(job, error, failures, "a job failed");
                            self.release(&lease).await;
                        }
                    }
                    *held = None;
                    sleep(backoff::pause(self.pause, LONGEST_PAUSE, failures)).await;
                    failures += 1;
                }
                Ok(None) => sleep(self.renew).await,
                Err(error) => {
                    tracing::warn!(job, %error, "nobody knows who leads");
                    sleep(self.renew).await;
                }
            }
        }
    }

    /// Works again and again until that fails or the lease is lost.
    async fn lead<F>(
        &self,
        work: &impl Fn(Arc<Lease>) -> F,
        lease: &Arc<Lease>,
        failures: &mut u32,
    ) -> Ended
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let mut held = Held::new(self, lease);
        loop {
            let mut run = JoinSet::new();
            run.spawn(work(lease.clone()));
            let ended = loop {
                tokio::select! {
                    Some(ended) = run.join_next() => break ended,
                    () = sleep(self.renew) => if !held.renew().await {
                        // The work ends with the set.
                        return Ended::Lost;
                    }
                }
            };
            match ended {
                Ok(Ok(())) => *failures = 0,
                Ok(Err(error)) => return Ended::Failed(anyhow!("{error}")),
                Err(broken) => return Ended::Failed(broken.into()),
            }
            let again = Instant::now() + self.every;
            while Instant::now() < again {
                let left = again.saturating_duration_since(Instant::now());
                sleep(left.min(self.renew)).await;
                if !held.renew().await {
                    return Ended::Lost;
                }
            }
        }
    }

    async fn release(&self, lease: &Lease) {
        if let Err(error) = lease.release(&self.db).await {
            tracing::warn!(job = self.name, %error, "the lease is held until it ends");
        }
    }
}

/// A lease, and since when it is sure.
struct Held<'a> {
    job: &'a Job,
    lease: &'a Lease,
    sure_since: Instant,
}

impl<'a> Held<'a> {
    fn new(job: &'a Job, lease: &'a Lease) -> Self {
        Self {
            job,
            lease,
            sure_since: Instant::now(),
        }
    }

    /// Whether it still holds. A database that is away for a moment, or a transaction of the work
    /// that keeps the row, does not end it before its time.
    async fn renew(&mut self) -> bool {
        let now = Instant::now();
        match self.lease.renew(&self.job.db, self.job.lease).await {
            Ok(renewed) => {
                self.sure_since = now;
                renewed
            }
            Err(error) => {
                tracing::warn!(job = self.job.name, %error, "the lease is not renewed");
                now.saturating_duration_since(self.sure_since) < self.job.lease
            }
        }
    }
}

#[cfg(test)]
mod tests;
