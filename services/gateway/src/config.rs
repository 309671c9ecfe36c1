//! Settings of the gateway; every one has a default that suits production.

use std::time::Duration;

use ipnet::IpNet;
use serde::Deserialize;
use yuhui_platform::serve::Limits;

/// Settings of the gateway.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Life of an access token, in seconds.
    pub access_life_seconds: u64,
    /// Life of a refresh token that is not used, in seconds.
    pub refresh_life_seconds: u64,
    /// Longest life of a session however often it is refreshed, in seconds.
    pub session_life_seconds: u64,
    /// Work put into hashing a password.
    pub password: Cost,
    /// How often signing in may be tried.
    pub sign_in: SignInLimits,
    /// How often anything may be called.
    pub rate: RateLimits,
    /// Origins of browsers that may call (CORS), e.g. `https://yuhui.baotou.gov.cn`.
    pub origins: Vec<String>,
    /// Proxies that are believed when they say where a call comes from.
    pub trusted_proxies: Vec<IpNet>,
    /// What is taken on, and from whom.
    pub limits: Limits,
    /// Whether the bank has an entrance of its own.
    pub bank_apart: bool,
    /// How long it goes on after it has said that it ends.
    #[serde(with = "humantime_serde")]
    pub pause: Duration,
}

/// Work put into hashing a password (argon2id).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// Passwords hashed at the same time; the others wait their turn.
    pub at_once: usize,
}

/// How often signing in may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignInLimits {
    /// Attempts of a device that signed in before, until it counts as a stranger's.
    pub known: u64,
    /// Attempts at one login from one network (/24, /64) that nobody has to wait after; then one
    /// second, two, four …
    pub free: u64,
    /// Longest such wait, in seconds.
    pub longest_seconds: u64,
    /// Within so many seconds these are counted.
    pub window_seconds: u64,
    /// Failures a minute of one network, at whatever logins.
    pub network: u64,
    /// Failures an hour at one login after which strangers get one attempt in ten seconds.
    pub slow_after: u64,
    /// How long a device is known, in days.
    pub device_days: u16,
}

/// How often anything may be called; counted by each replica for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimits {
    /// Calls per second of one account, and as many in a burst.
    pub per_account: u32,
    /// Calls per second from one address by callers who have not signed in.
    pub per_remote: u32,
    /// Pre-checks per minute from one address, signed in or not: they run the rules for anybody.
    pub pre_checks_per_minute: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            access_life_seconds: 10 * 60,
            refresh_life_seconds: 12 * 3600,
            session_life_seconds: 7 * 24 * 3600,
            password: Cost::default(),
            sign_in: SignInLimits::default(),
            rate: RateLimits::default(),
            origins: Vec::new(),
            trusted_proxies: Vec::new(),
            limits: Limits::public(),
            bank_apart: false,
            pause: Duration::ZERO,
        }
    }
}

impl Default for Cost {
    /// The memory-constrained recommendation of RFC 9106, in one lane since
    /// the lanes would be computed one after the other.
    fn default() -> Self {
        Self {
            memory_kib: 64 * 1024,
            passes: 3,
            lanes: 1,
            at_once: 4,
        }
    }
}

impl Cost {
    /// As little work as argon2 can do: for a sandbox, whose thousands of
    /// accounts protect nobody.
    #[must_use]
    pub fn sandbox() -> Self {
        Self {
            memory_kib: 8,
            passes: 1,
            ..Self::default()
        }
    }
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self {
            known: 10,
            free: 3,
            longest_seconds: 15 * 60,
            window_seconds: 15 * 60,
            network: 30,
            slow_after: 50,
            device_days: 90,
        }
    }
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            per_account: 2000,
            per_remote: 500,
            pre_checks_per_minute: 60,
        }
    }
}

impl Config {
    pub(crate) fn access_life(&self) -> Duration {
        Duration::from_secs(self.access_life_seconds)
    }

    pub(crate) fn refresh_life(&self) -> Duration {
        Duration::from_secs(self.refresh_life_seconds)
    }

    pub(crate) fn session_life(&self) -> Duration {
        Duration::from_secs(self.session_life_seconds)
    }
}

impl SignInLimits {
    pub(crate) fn window(&self) -> Duration {
        Duration::from_secs(self.window_seconds)
    }

    pub(crate) fn longest(&self) -> Duration {
        Duration::from_secs(self.longest_seconds)
    }

    pub(crate) fn device_life(&self) -> time::Duration {
        time::Duration::days(self.device_days.into())
    }
}
