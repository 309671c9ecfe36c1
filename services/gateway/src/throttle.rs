//! Guessing passwords is slow, and slow for who guesses: attempts are counted by login and
//! network, those of a device that signed in before by themselves. So a stranger locks nobody
//! out, and an office behind one address does not share one count of everybody's mistakes
//! (OWASP, device cookies).

use std::{net::IpAddr, sync::Arc, time::Duration};

use sha2::{Digest as _, Sha256};
use yuhui_platform::{Result, ephemeral::Ephemeral, serve::Network};

use crate::{config::SignInLimits, device::Device, refusal::TooMany};

/// A login that was guessed at often is open to unknown devices so rarely,
const SLOW: Duration = Duration::from_secs(10);
/// for so long after the guesses, which are counted over as long.
const SLOW_FOR: Duration = Duration::from_secs(3600);
/// Failures of a network are counted over so long, and it waits as long.
const NETWORK: Duration = Duration::from_secs(60);

/// One attempt to prove a password.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    /// Who is tried, by digest: keys of the store have a bounded length and tell no logins. With
    /// the moment of the last success, so that a success starts the counts anew.
    login: String,
    since: i64,
    network: String,
    device: Option<Device>,
}

impl Attempt {
    /// An attempt at `login`, which last succeeded at `since`, from an address.
    pub(crate) fn new(login: &str, since: i64, remote: Option<&str>) -> Self {
        Self {
            login: hex::encode(Sha256::digest(login)),
            since,
            network: network(remote),
            device: None,
        }
    }

    /// From a device that signed in to the same account before.
    pub(crate) fn on(self, device: Option<Device>) -> Self {
        Self { device, ..self }
    }

    fn at_login(&self) -> String {
        format!("sign-in:{}:{}", self.login, self.since)
    }

    fn at_network(&self) -> String {
        format!("sign-in:{}:{}:{}", self.login, self.since, self.network)
    }
}

/// Counts attempts to prove a password.
pub(crate) struct Throttle {
    counts: Arc<dyn Ephemeral>,
    limits: SignInLimits,
}

impl Throttle {
    pub(crate) fn new(counts: Arc<dyn Ephemeral>, limits: SignInLimits) -> Self {
        Self { counts, limits }
    }

    /// Lets an attempt through to the password, or says when to come back. Counted before the
    /// password is looked at, so that parallel attempts count too.
    /// A device that failed too often is a stranger's from here on.
    pub(crate) async fn admit(&self, attempt: &mut Attempt) -> Result<()> {
        if let Some(device) = &attempt.device {
            if self.trusts(attempt, device).await? {
                return Ok(());
            }
            attempt.device = None;
        }
        self.must_not_wait(&blocked(&attempt.network)).await?;
        if self
            .counts
            .blocked_for(&slowed(&attempt.login))
            .await?
            .is_some()
        {
            let turn = format!("sign-in:turn:{}", attempt.login);
            if self.counts.count(&turn, SLOW).await? > 1 {
                return Err(TooMany::Attempts.retry_after(SLOW).into());
            }
        }
        let pair = attempt.at_network();
        self.must_not_wait(&pair).await?;
        let tried = self.counts.count(&pair, self.limits.window).await?;
        if let Some(beyond) = tried.checked_sub(self.limits.free) {
            self.counts.block(&pair, self.delay(beyond)).await?;
        }
        Ok(())
    }

    /// The password was wrong.
    pub(crate) async fn failed(&self, attempt: &Attempt) -> Result<()> {
        if attempt.device.is_some() {
            // Its own mistakes are its own; they were counted when it was let through.
            return Ok(());
        }
        let of_network = format!("sign-in:failed-from:{}", attempt.network);
        if self.counts.count(&of_network, NETWORK).await? >= self.limits.network {
            self.counts
                .block(&blocked(&attempt.network), NETWORK)
                .await?;
        }
        let of_login = format!("sign-in:failed-at:{}", attempt.login);
        if self.counts.count(&of_login, SLOW_FOR).await? >= self.limits.slow_after {
            self.counts.block(&slowed(&attempt.login), SLOW_FOR).await?;
        }
        Ok(())
    }

    /// One attempt at the password of somebody whose session is open.
    pub(crate) async fn within(&self, session: &str) -> Result<()> {
        let window = self.limits.window;
        let tried = format!("sign-in:within:{session}");
        if self.counts.count(&tried, window).await? > self.limits.known {
            return Err(TooMany::Attempts.retry_after(window).into());
        }
        Ok(())
    }

    async fn trusts(&self, attempt: &Attempt, device: &Device) -> Result<bool> {
        let tried = format!("{}:device:{}", attempt.at_login(), device.id);
        let tried = self.counts.count(&tried, self.limits.window).await?;
        Ok(tried <= self.limits.known)
    }

    /// Doubles with each attempt beyond the free ones, up to a longest.
    fn delay(&self, beyond: u64) -> Duration {
        let exponent = u32::try_from(beyond).unwrap_or(u32::MAX);
        let seconds = 2_u64.saturating_pow(exponent);
        Duration::from_secs(seconds).min(self.limits.longest)
    }

    /// Says when to come back.
    async fn must_not_wait(&self, key: &str) -> Result<()> {
        match self.counts.blocked_for(key).await? {
            None => Ok(()),
            Some(left) => Err(TooMany::Attempts.retry_after(left).into()),
        }
    }
}

fn blocked(network: &str) -> String {
    format!("sign-in:from:{network}")
}

fn slowed(login: &str) -> String {
    format!("sign-in:slow:{login}")
}

/// What an address shares with its neighbours: /24, or /64. Calls of this very machine, over a
/// pipe, have no address.
pub(crate) fn network(remote: Option<&str>) -> String {
    let Some(remote) = remote else {
        return "here".into();
    };
    match remote.parse() {
        Ok(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Ok(address) => Network::of(address).to_string(),
        Err(_) => remote.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use yuhui_platform::ephemeral::InProcess;

    use super::*;

    fn throttle(change: impl FnOnce(&mut SignInLimits)) -> Throttle {
        let mut limits = SignInLimits::default();
        change(&mut limits);
        Throttle::new(Arc::new(InProcess::default()), limits)
    }

    fn stranger(address: &str) -> Attempt {
        Attempt::new("clerk", 0, Some(address))
    }

    /// How many of `tries` attempts get as far as the password, each wrong.
    async fn tried(throttle: &Throttle, attempt: &Attempt, tries: usize) -> usize {
        let mut admitted = 0;
        for _ in 0..tries {
            let mut attempt = attempt.clone();
            if throttle.admit(&mut attempt).await.is_ok() {
                throttle.failed(&attempt).await.expect("counted");
                admitted += 1;
            }
        }
        admitted
    }

    #[tokio::test]
    async fn a_stranger_waits_longer_each_time_and_nobody_waits_for_him() {
        let throttle = throttle(|_| {});
        assert_eq!(tried(&throttle, &stranger("192.0.2.7"), 100).await, 3);
        assert_eq!(
            tried(&throttle, &stranger("192.0.2.8"), 1).await,
            0,
            "his neighbour"
        );
        assert_eq!(
            tried(&throttle, &stranger("198.51.100.7"), 1).await,
            1,
            "somebody else"
        );
        let delays: Vec<_> = (0..12).map(|it| throttle.delay(it).as_secs()).collect();
        assert_eq!(delays, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    }

    #[tokio::test]
    async fn a_known_device_is_its_own_measure() {
        let throttle = throttle(|it| it.slow_after = 10);
        for network in 0..20 {
            tried(&throttle, &stranger(&format!("10.0.{network}.1")), 3).await;
        }
        let known = stranger("10.0.1.1").on(Some(Device { id: "a".into() }));
        assert_eq!(
            tried(&throttle, &known, 12).await,
            10,
            "then it is a stranger's"
        );
        let mut other = stranger("10.0.1.1").on(Some(Device { id: "b".into() }));
        assert!(throttle.admit(&mut other).await.is_ok());
    }

    #[tokio::test]
    async fn a_login_guessed_at_from_everywhere_opens_to_strangers_rarely() {
        let throttle = throttle(|it| it.slow_after = 6);
        let mut admitted = 0;
        for network in 0..50 {
            admitted += tried(&throttle, &stranger(&format!("10.1.{network}.1")), 3).await;
        }
        assert_eq!(admitted, 6 + 1);
    }

    #[tokio::test]
    async fn a_network_that_tries_login_after_login_waits() {
        let throttle = throttle(|it| it.network = 5);
        let mut admitted = 0;
        for login in 0..20 {
            let attempt = Attempt::new(&format!("a{login}"), 0, Some("2001:db8::1"));
            admitted += tried(&throttle, &attempt, 1).await;
        }
        assert_eq!(admitted, 5);
    }

    #[test]
    fn neighbours_share_a_network() {
        assert_eq!(network(Some("192.0.2.77")), "192.0.2.0/24");
        assert_eq!(network(Some("2001:db8:1:2:3::4")), "2001:db8:1:2::/64");
        assert_eq!(network(None), "here");
    }
}
