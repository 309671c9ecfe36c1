//! Settings of the gateway; every one has a default that suits production.

use std::time::Duration;

use ipnet::IpNet;
use serde::Deserialize;
use yuhui_platform::serve::Limits;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Settings of the gateway.
#[derive(Clone, Debug)]
pub struct Config {
    /// How long sessions and their tokens last.
    pub session: Lives,
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
    /// Whether the bank has a listener of its own.
    pub bank_apart: bool,
    /// How long it goes on after it has said that it ends.
    pub pause: Duration,
}

/// How long sessions and their tokens last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lives {
    /// An access token.
    #[serde(with = "humantime_serde")]
    pub access: Duration,
    /// A refresh token that is not used.
    #[serde(with = "humantime_serde")]
    pub refresh: Duration,
    /// A session, however often it is refreshed.
    #[serde(with = "humantime_serde")]
    pub life: Duration,
}

/// Work put into hashing a password (argon2id).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
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
#[serde(deny_unknown_fields)]
pub struct SignInLimits {
    /// Attempts of a device that signed in before, until it counts as a stranger's.
    pub known: u64,
    /// Attempts at one login from one network (/24, /64) that nobody has to wait after; then one
    /// second, two, four …
    pub free: u64,
    /// Longest such wait.
    #[serde(with = "humantime_serde")]
    pub longest: Duration,
    /// Within so long these are counted.
    #[serde(with = "humantime_serde")]
    pub window: Duration,
    /// Failures a minute of one network, at whatever logins.
    pub network: u64,
    /// Failures an hour at one login after which strangers get one attempt in ten seconds.
    pub slow_after: u64,
    /// How long a device is known.
    #[serde(with = "humantime_serde")]
    pub device: Duration,
}

/// How often anything may be called; counted by each replica for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
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
            session: Lives::default(),
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

impl Default for Lives {
    fn default() -> Self {
        Self {
            access: MINUTE * 10,
            refresh: MINUTE * 60 * 12,
            life: DAY * 7,
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
            longest: MINUTE * 15,
            window: MINUTE * 15,
            network: 30,
            slow_after: 50,
            device: DAY * 90,
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

impl Cost {
    /// Whether it is the least that is recommended (OWASP), or more.
    #[must_use]
    pub fn suffices(&self) -> bool {
        self.memory_kib >= 19 * 1024 && self.passes >= 2
    }
}
