//! Guessing at the codes of receipts and reports is slow: an address that was wrong a few times waits.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use tonic::{Code, Status};
use yuhui_platform::{Caller, Result, ephemeral::Ephemeral};

use crate::{proxy, refusal::TooMany, throttle::network};

/// Methods that open something to whoever has its code.
pub(crate) const BY_CODE: [&str; 2] = [
    "/yuhui.portal.v1.StatusService/GetStatus",
    "/yuhui.portal.v1.ReportService/GetReport",
];
/// Wrong answers of an hour after which an address waits,
const MISSES: u64 = 5;
/// and for so long.
const HOUR: Duration = Duration::from_secs(3600);

/// Counts wrong answers by address, for all replicas together.
pub(crate) struct Misses(Arc<dyn Ephemeral>);

impl Misses {
    pub(crate) fn new(counts: Arc<dyn Ephemeral>) -> Self {
        Self(counts)
    }

    /// How much longer an address waits, if it has to.
    async fn waits(&self, key: &str) -> Result<Option<Duration>> {
        Ok(self.0.blocked_for(key).await?)
    }

    /// An address was wrong.
    async fn miss(&self, key: &str) -> Result<()> {
        if self.0.count(key, HOUR).await? >= MISSES {
            self.0.block(key, HOUR).await?;
        }
        Ok(())
    }
}

/// The middleware.
pub(crate) async fn slow(
    State(misses): State<Arc<Misses>>,
    request: Request,
    next: Next,
) -> Response {
    let guesses = BY_CODE.contains(&request.uri().path());
    let caller = request.extensions().get::<Caller>().filter(|_| guesses);
    let Some(key) = caller.map(|it| format!("by-code:{}", network(it.remote.as_deref()))) else {
        return next.run(request).await;
    };
    match misses.waits(&key).await {
        Ok(None) => {}
        Ok(Some(left)) => return proxy::answer(TooMany::Misses.retry_after(left)),
        Err(error) => return proxy::answer(Status::from(error)),
    }
    let answer = next.run(request).await;
    let is_miss =
        Status::from_header_map(answer.headers()).is_some_and(|it| it.code() == Code::NotFound);
    if is_miss && let Err(error) = misses.miss(&key).await {
        return proxy::answer(Status::from(error));
    }
    answer
}

#[cfg(test)]
mod tests {
    use yuhui_platform::ephemeral::InProcess;

    use super::*;

    #[tokio::test]
    async fn an_address_is_wrong_five_times_an_hour_and_then_waits() {
        let misses = Misses::new(Arc::new(InProcess::default()));
        for _ in 0..MISSES {
            assert_eq!(misses.waits("a").await.expect("asked"), None);
            misses.miss("a").await.expect("counted");
        }
        let left = misses.waits("a").await.expect("asked").expect("waits");
        assert!(left > HOUR / 2, "{left:?}");
        assert_eq!(misses.waits("b").await.expect("asked"), None);
    }

    #[test]
    fn what_is_opened_by_code_is_in_the_contract() {
        let pool = yuhui_proto::descriptor_pool();
        for path in BY_CODE {
            let (service, method) = path[1..].split_once('/').expect("two");
            let service = pool.get_service_by_name(service).expect("the service");
            assert!(service.methods().any(|it| it.name() == method), "{path}");
        }
    }
}
