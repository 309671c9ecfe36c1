//! How often one caller may call: inside the authorization layer, so that the
//! caller is known, and before every route, the proxied ones too.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use governor::{
    DefaultKeyedRateLimiter, Quota,
    clock::{Clock as _, DefaultClock},
};
use yuhui_platform::Caller;

use crate::{config::RateLimits, proxy, refusal::TooMany};

/// Callers remembered before those who have been quiet are swept out.
const SWEEP_ABOVE: usize = 50_000;

/// Counts the calls of each caller. Each replica counts for itself: a limit
/// that asked a store on every call would cost more than it protects.
pub(crate) struct Rate {
    accounts: DefaultKeyedRateLimiter<String>,
    remotes: DefaultKeyedRateLimiter<String>,
    clock: DefaultClock,
}

impl Rate {
    pub(crate) fn new(limits: RateLimits) -> Self {
        let quota = |calls| Quota::per_second(NonZeroU32::new(calls).unwrap_or(NonZeroU32::MIN));
        Self {
            accounts: DefaultKeyedRateLimiter::keyed(quota(limits.per_account)),
            remotes: DefaultKeyedRateLimiter::keyed(quota(limits.per_remote)),
            clock: DefaultClock::default(),
        }
    }

    /// Counts one call; how long to wait if it is one too many.
    fn check(&self, caller: &Caller) -> Result<(), Duration> {
        let (limiter, key) = if caller.is_signed_in() {
            (&self.accounts, &caller.account)
        } else if let Some(remote) = &caller.remote {
            (&self.remotes, remote)
        } else {
            return Ok(());
        };
        if limiter.len() > SWEEP_ABOVE {
            limiter.retain_recent();
        }
        limiter
            .check_key(key)
            .map_err(|until| until.wait_time_from(self.clock.now()))
    }
}

/// The middleware.
pub(crate) async fn limit(State(rate): State<Arc<Rate>>, request: Request, next: Next) -> Response {
    if let Some(caller) = request.extensions().get::<Caller>()
        && let Err(wait) = rate.check(caller)
    {
        return proxy::answer(TooMany::Calls.retry_after(wait));
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use yuhui_proto::authz::v1::Role;

    use super::*;

    fn account(id: &str) -> Caller {
        Caller {
            account: id.into(),
            role: Role::VillageClerk,
            ..Caller::public()
        }
    }

    #[test]
    fn each_account_and_each_address_has_its_own_allowance() {
        let rate = Rate::new(RateLimits {
            per_account: 2,
            per_remote: 1,
        });
        let visitor = Caller {
            remote: Some("10.0.0.9".into()),
            ..Caller::public()
        };
        assert!(rate.check(&account("a")).is_ok());
        assert!(rate.check(&account("a")).is_ok());
        let wait = rate.check(&account("a")).expect_err("a third");
        assert!(wait <= Duration::from_secs(1));
        assert!(rate.check(&account("b")).is_ok());
        assert!(rate.check(&visitor).is_ok());
        assert!(rate.check(&visitor).is_err());
    }
}
