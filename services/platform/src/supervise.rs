//! Tasks of a process that must not end: what panics is begun again.

use std::{
    any::Any,
    time::{Duration, Instant},
};

use tokio::{
    task::{JoinError, JoinSet},
    time::sleep,
};

use crate::{Error, Result, backoff};

/// Shortest and longest pause before a task is begun again. One that worked for the longest has
/// recovered.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Does `work` until it ends by itself; after a panic it is begun again, later each time. Work that
/// several replicas share out among themselves is a [`crate::jobs::Job`].
pub async fn keep_going<F>(task: &str, work: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    keep_going_after(PAUSE, task, work).await;
}

async fn keep_going_after<F>(first: Duration, task: &str, work: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut failures = 0;
    loop {
        let begun = Instant::now();
        // Ends with this future.
        let mut run = JoinSet::new();
        run.spawn(work());
        let Some(Err(broken)) = run.join_next().await else {
            return;
        };
        if begun.elapsed() > LONGEST_PAUSE {
            failures = 0;
        }
        let error = said(broken);
        tracing::error!(task, error, failures, "a task broke down");
        sleep(backoff::pause(first, LONGEST_PAUSE, failures)).await;
        failures += 1;
    }
}

/// Does `work` in a task of its own: a panic is a fault of that work alone.
pub(crate) async fn apart<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let mut run = JoinSet::new();
    run.spawn(work);
    match run.join_next().await {
        Some(Ok(done)) => done,
        Some(Err(broken)) => Err(Error::fault(said(broken))),
        None => Err(Error::fault("nothing was done")),
    }
}

/// What a panic said.
fn said(broken: JoinError) -> String {
    fn text(panic: &(dyn Any + Send)) -> Option<&str> {
        let owned = panic.downcast_ref::<String>().map(String::as_str);
        owned.or_else(|| panic.downcast_ref::<&str>().copied())
    }
    match broken.try_into_panic() {
        Ok(panic) => format!("panic: {}", text(&*panic).unwrap_or("without a word")),
        Err(broken) => broken.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn a_task_that_panics_is_begun_again_until_it_ends() {
        let runs = Arc::new(AtomicU32::new(0));
        keep_going_after(Duration::from_millis(1), "test", || {
            let run = runs.fetch_add(1, Ordering::Relaxed);
            async move { assert!(run > 1, "a bug") }
        })
        .await;
        assert_eq!(runs.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn a_panic_is_a_fault_that_says_what_happened() {
        let bug = "a bug".to_owned();
        let broken = apart::<()>(async move { panic!("{bug}") }).await;
        let Err(Error::Fault(fault)) = broken else {
            panic!("no fault")
        };
        assert_eq!(fault.to_string(), "panic: a bug");
        assert!(apart(async { Ok(1) }).await.is_ok());
    }
}
