//! A service of this very process, called without a wire: the same messages pass the same checks, and no
//! frame of HTTP/2 is written for somebody who reads it in the same memory.

use std::{convert::Infallible, future::Future, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use http::{Request, Response};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tower::{BoxError, ServiceExt as _};

use super::body::Answer;

/// Pause between two looks whether calls are still in hand.
const PAUSE: Duration = Duration::from_millis(10);

/// What answers, and a token of which every call in hand holds a copy.
#[derive(Clone)]
struct Open {
    routes: Router,
    in_hand: Arc<()>,
}

/// The calling end: waits until the service is there. Cheap to clone.
#[derive(Clone)]
pub struct Here(watch::Receiver<Option<Open>>);

/// The serving end.
pub struct HereListener(watch::Sender<Option<Open>>);

/// Both ends.
#[must_use]
pub fn here() -> (Here, HereListener) {
    let (sender, receiver) = watch::channel(None);
    (Here(receiver), HereListener(sender))
}

impl Here {
    /// Calls the service.
    pub(crate) fn call(
        &self,
        request: Request<tonic::body::Body>,
    ) -> impl Future<Output = Result<Response<tonic::body::Body>, BoxError>> + Send + use<> {
        let mut service = self.0.clone();
        async move {
            // Ends with an error once the service is gone.
            let open = service.wait_for(Option::is_some).await?.clone();
            let Open { routes, in_hand } = open.ok_or("the service is gone")?;
            let answered = routes.oneshot(request.map(Body::new)).await;
            let answer = answered.unwrap_or_else(|never: Infallible| match never {});
            Ok(answer.map(|it| tonic::body::Body::new(Answer::new(it, in_hand))))
        }
    }
}

impl HereListener {
    /// Takes calls.
    pub(super) fn open(&self, routes: Router) {
        let in_hand = Arc::default();
        self.0.send_replace(Some(Open { routes, in_hand }));
    }

    /// Takes no more, and waits for those in hand, at most so long.
    pub(super) async fn close(self, longest: Duration) {
        let Some(open) = self.0.send_replace(None) else {
            return;
        };
        drop(self.0);
        let all = async {
            while Arc::strong_count(&open.in_hand) > 1 {
                sleep(PAUSE).await;
            }
        };
        if timeout(longest, all).await.is_err() {
            tracing::warn!("gave up on calls that would not end");
        }
    }
}
