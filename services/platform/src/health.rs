//! Whether a service may be given calls, and why not. It *lives* as long as it answers; it is
//! *ready* when its own things are right: database, tables, keys. What it depends on elsewhere is
//! looked at *deep*, for alerts only: if readiness depended on peers, services that need each other
//! would never begin.

mod probe;
mod socket;

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

pub use socket::{ask, listen};

/// How often everything is looked at.
const EVERY: Duration = Duration::from_secs(5);
/// Longest one look may take.
const PATIENCE: Duration = Duration::from_secs(4);
/// Failures in a row after which it counts: a pool may be busy for a moment.
const FAILURES: u32 = 2;

/// Looks once; an error says what is wrong.
type Look = Box<dyn Fn() -> BoxFuture<'static, anyhow::Result<()>> + Send + Sync>;

/// What is to be looked at.
pub struct Checks {
    service: &'static str,
    every: Duration,
    checks: Vec<Check>,
}

struct Check {
    what: &'static str,
    is_deep: bool,
    look: Look,
    failures: u32,
}

/// How a service is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Its name.
    pub service: String,
    /// Why it takes no calls; nothing if it does.
    pub unready: Vec<String>,
    /// What is wrong with those it depends on.
    pub troubles: Vec<String>,
}

impl Report {
    /// Whether it takes calls.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.unready.is_empty()
    }

    /// Whether it and all that it depends on are well.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.is_ready() && self.troubles.is_empty()
    }
}

/// How a service is at any moment. Cheap to clone; the looking ends with the last clone.
#[derive(Clone)]
pub struct Health {
    pub(crate) report: watch::Receiver<Report>,
    _looking: Arc<JoinSet<()>>,
}

impl Checks {
    /// Nothing yet.
    #[must_use]
    pub fn new(service: &'static str) -> Self {
        Self {
            service,
            every: EVERY,
            checks: Vec::new(),
        }
    }

    /// Looks more often, or less.
    #[must_use]
    pub fn every(mut self, every: Duration) -> Self {
        self.every = every;
        self
    }

    /// Without this the service takes no calls.
    #[must_use]
    pub fn ready<F>(self, what: &'static str, look: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.with(what, false, look)
    }

    /// Without this it takes calls, and somebody should know.
    #[must_use]
    pub fn deep<F>(self, what: &'static str, look: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.with(what, true, look)
    }

    fn with<F>(
        mut self,
        what: &'static str,
        is_deep: bool,
        look: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.checks.push(Check {
            what,
            is_deep,
            look: Box::new(move || Box::pin(look())),
            // Until it was right once it is wrong.
            failures: FAILURES,
        });
        self
    }

    /// Begins to look.
    #[must_use]
    pub fn start(self) -> Health {
        let begin = Report {
            service: self.service.to_owned(),
            unready: vec!["not looked at yet".to_owned()],
            troubles: Vec::new(),
        };
        let (say, report) = watch::channel(begin);
        let mut looking = JoinSet::new();
        looking.spawn(self.keep_looking(say));
        Health {
            report,
            _looking: Arc::new(looking),
        }
    }

    async fn keep_looking(mut self, say: watch::Sender<Report>) {
        loop {
            let mut report = Report {
                service: self.service.to_owned(),
                unready: Vec::new(),
                troubles: Vec::new(),
            };
            for check in &mut self.checks {
                if let Some(trouble) = check.trouble().await {
                    match check.is_deep {
                        true => report.troubles.push(trouble),
                        false => report.unready.push(trouble),
                    }
                }
            }
            say.send_if_modified(|last| {
                if *last == report {
                    return false;
                }
                tell(&report);
                *last = report;
                true
            });
            sleep(self.every).await;
        }
    }
}

impl Check {
    /// What is wrong, if it has been for long enough.
    async fn trouble(&mut self) -> Option<String> {
        let error = match timeout(PATIENCE, (self.look)()).await {
            Ok(Ok(())) => {
                self.failures = 0;
                return None;
            }
            Ok(Err(error)) => format!("{error:#}"),
            Err(_) => "no answer in time".to_owned(),
        };
        self.failures = self.failures.saturating_add(1);
        tracing::debug!(
            what = self.what,
            error,
            failures = self.failures,
            "a check failed"
        );
        (self.failures >= FAILURES).then(|| format!("{}: {error}", self.what))
    }
}

fn tell(report: &Report) {
    let Report {
        service,
        unready,
        troubles,
    } = report;
    match (unready.is_empty(), troubles.is_empty()) {
        (true, true) => tracing::info!(service, "ready"),
        (true, false) => tracing::warn!(service, ?troubles, "ready, but not all is well"),
        (false, _) => tracing::error!(service, ?unready, ?troubles, "takes no calls"),
    }
}

impl Health {
    /// How it is now. Who is not looked at any more is not ready.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut report = self.report.borrow().clone();
        if self.report.has_changed().is_err() {
            report.unready.push("not looked at any more".to_owned());
        }
        report
    }
}

#[cfg(test)]
mod tests;
