//! What belongs to the request being served and every step of it needs: its
//! id, for faults and audit, and the moment by which it must be answered.

use std::time::Duration;

use tokio::time::Instant;

tokio::task_local! {
    static CURRENT: Context;
}

/// The request being served by this task.
#[derive(Clone, Debug)]
pub struct Context {
    /// Follows the request through gateway and services; names it in faults.
    pub request_id: String,
    /// When the answer is due.
    pub deadline: Option<Instant>,
}

impl Context {
    /// A request without a deadline.
    #[must_use]
    pub fn new(request_id: String) -> Self {
        Self {
            request_id,
            deadline: None,
        }
    }

    /// Runs `work` as part of this request.
    pub async fn scope<F: Future>(self, work: F) -> F::Output {
        CURRENT.scope(self, work).await
    }

    /// The request this task serves, if it serves one.
    #[must_use]
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Clone::clone).ok()
    }
}

/// Id of the request this task serves; empty in a job.
#[must_use]
pub fn request_id() -> String {
    CURRENT
        .try_with(|context| context.request_id.clone())
        .unwrap_or_default()
}

/// Time left until the answer is due, if a deadline is known.
#[must_use]
pub fn time_left() -> Option<Duration> {
    CURRENT
        .try_with(|context| context.deadline)
        .ok()
        .flatten()
        .map(|deadline| deadline.saturating_duration_since(Instant::now()))
}
