//! How often one caller may call: inside the authorization layer, so that the
//! caller is known, and before every route, the proxied ones too.

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use governor::{
    DefaultKeyedRateLimiter, Quota,
    clock::{Clock as _, DefaultClock},
};
use yuhui_platform::{Caller, serve::Network};

use crate::{config::RateLimits, misses::BY_CODE, proxy, refusal::TooMany};

/// What anybody may ask and what costs work: counted apart, and more strictly.
const PRE_CHECK: &str = "/yuhui.eligibility.v1.PreCheckService/PreCheck";
/// What anybody may hand in, and what costs an office work.
const REPORT: &str = "/yuhui.portal.v1.ReportService/SubmitReport";
/// Reports of an hour from one address: an office lets people use its own, too.
const REPORTS_AN_HOUR: u32 = 20;
/// What opens with a code is asked so often a minute from one address: few are wrong before they are counted.
const CODES_A_MINUTE: u32 = 30;

/// Callers remembered before those who have been quiet are swept out.
const SWEEP_ABOVE: usize = 50_000;

/// Counts the calls of each caller. Each replica counts for itself: a limit
/// that asked a store on every call would cost more than it protects.
pub(crate) struct Rate {
    accounts: DefaultKeyedRateLimiter<String>,
    remotes: DefaultKeyedRateLimiter<String>,
    pre_checks: DefaultKeyedRateLimiter<String>,
    reports: DefaultKeyedRateLimiter<String>,
    by_code: DefaultKeyedRateLimiter<String>,
    clock: DefaultClock,
    swept: Mutex<Option<Instant>>,
}

impl Rate {
    pub(crate) fn new(limits: RateLimits) -> Self {
        let some = |calls| NonZeroU32::new(calls).unwrap_or(NonZeroU32::MIN);
        let quota = |calls| Quota::per_second(some(calls));
        let pre_checks = Quota::per_minute(some(limits.pre_checks_per_minute));
        Self {
            accounts: DefaultKeyedRateLimiter::keyed(quota(limits.per_account)),
            remotes: DefaultKeyedRateLimiter::keyed(quota(limits.per_remote)),
            pre_checks: DefaultKeyedRateLimiter::keyed(pre_checks),
            reports: DefaultKeyedRateLimiter::keyed(Quota::per_hour(some(REPORTS_AN_HOUR))),
            by_code: DefaultKeyedRateLimiter::keyed(Quota::per_minute(some(CODES_A_MINUTE))),
            clock: DefaultClock::default(),
            swept: Mutex::default(),
        }
    }

    /// Counts one call; how long to wait if it is one too many.
    fn check(&self, caller: &Caller, path: &str) -> Result<(), Duration> {
        let network = caller.remote.as_deref().map(network);
        let dear = match path {
            PRE_CHECK => Some(&self.pre_checks),
            REPORT => Some(&self.reports),
            path if BY_CODE.contains(&path) => Some(&self.by_code),
            _ => None,
        };
        if let Some(limiter) = dear {
            self.count(limiter, network.as_ref().unwrap_or(&caller.account))?;
        }
        let (limiter, key) = if caller.is_signed_in() {
            (&self.accounts, &caller.account)
        } else if let Some(network) = &network {
            (&self.remotes, network)
        } else {
            return Ok(());
        };
        self.count(limiter, key)
    }

    /// Whether a second has passed since the last sweep, which looks at everybody.
    fn may_sweep(&self) -> bool {
        let mut last = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|it| it.elapsed() > Duration::from_secs(1));
        if due {
            *last = Some(Instant::now());
        }
        due
    }

    fn count(
        &self,
        limiter: &DefaultKeyedRateLimiter<String>,
        key: &String,
    ) -> Result<(), Duration> {
        if limiter.len() > SWEEP_ABOVE && self.may_sweep() {
            limiter.retain_recent();
        }
        limiter
            .check_key(key)
            .map_err(|until| until.wait_time_from(self.clock.now()))
    }
}

/// What an address is counted as: whoever has a /64 of IPv6 has one allowance, not one for each of its
/// addresses.
fn network(remote: &str) -> String {
    match remote.parse() {
        Ok(address) => Network::of(address).to_string(),
        Err(_) => remote.to_owned(),
    }
}

/// The middleware.
pub(crate) async fn limit(State(rate): State<Arc<Rate>>, request: Request, next: Next) -> Response {
    if let Some(caller) = request.extensions().get::<Caller>()
        && let Err(wait) = rate.check(caller, request.uri().path())
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

    fn at(remote: &str) -> Caller {
        Caller {
            remote: Some(remote.into()),
            ..Caller::public()
        }
    }

    #[test]
    fn each_account_and_each_address_has_its_own_allowance() {
        let rate = Rate::new(RateLimits {
            per_account: 2,
            per_remote: 1,
            ..RateLimits::default()
        });
        let visitor = at("10.0.0.9");
        assert!(rate.check(&account("a"), "/any").is_ok());
        assert!(rate.check(&account("a"), "/any").is_ok());
        let wait = rate.check(&account("a"), "/any").expect_err("a third");
        assert!(wait <= Duration::from_secs(1));
        assert!(rate.check(&account("b"), "/any").is_ok());
        assert!(rate.check(&visitor, "/any").is_ok());
        assert!(rate.check(&visitor, "/any").is_err());
        assert!(rate.check(&at("2001:db8::1"), "/any").is_ok());
        let neighbour = rate.check(&at("2001:db8::2"), "/any");
        assert!(neighbour.is_err(), "of one network");
        assert!(rate.check(&at("2001:db8:0:1::1"), "/any").is_ok());
    }

    #[test]
    fn pre_checks_are_counted_by_the_minute_and_by_address() {
        let rate = Rate::new(RateLimits {
            pre_checks_per_minute: 2,
            ..RateLimits::default()
        });
        let visitor = at("10.0.0.9");
        assert!(rate.check(&visitor, PRE_CHECK).is_ok());
        assert!(rate.check(&visitor, PRE_CHECK).is_ok());
        let wait = rate.check(&visitor, PRE_CHECK).expect_err("a third");
        assert!(wait > Duration::from_secs(10), "{wait:?}");
        assert!(rate.check(&visitor, "/any").is_ok(), "other calls go on");
        let signed_in = Caller {
            remote: visitor.remote.clone(),
            ..account("a")
        };
        assert!(
            rate.check(&signed_in, PRE_CHECK).is_err(),
            "whoever asks from there"
        );
        assert!(rate.check(&at("10.0.0.10"), PRE_CHECK).is_ok());
    }

    #[test]
    fn reports_are_counted_by_the_hour_and_by_address() {
        let rate = Rate::new(RateLimits::default());
        let visitor = at("10.0.0.9");
        for _ in 0..REPORTS_AN_HOUR {
            assert!(rate.check(&visitor, REPORT).is_ok());
        }
        let wait = rate.check(&visitor, REPORT).expect_err("one too many");
        assert!(wait > Duration::from_secs(60), "{wait:?}");
        assert!(rate.check(&visitor, "/any").is_ok(), "other calls go on");
        assert!(rate.check(&at("10.0.0.10"), REPORT).is_ok());
    }

    #[test]
    fn what_is_dear_is_a_method_of_the_contract() {
        let pool = yuhui_proto::descriptor_pool();
        for path in [PRE_CHECK, REPORT] {
            let (service, method) = path[1..].split_once('/').expect("two");
            let service = pool.get_service_by_name(service).expect("the service");
            assert!(service.methods().any(|it| it.name() == method), "{path}");
        }
    }
}
