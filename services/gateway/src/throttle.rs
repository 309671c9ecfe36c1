//! Guessing passwords is slow: attempts are counted per login and per address.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use yuhui_platform::{Result, ephemeral::Ephemeral};

use crate::{config::SignInLimits, refusal::TooMany};

/// Counts attempts to prove a password.
pub(crate) struct Throttle {
    counts: Arc<dyn Ephemeral>,
    limits: SignInLimits,
}

impl Throttle {
    pub(crate) fn new(counts: Arc<dyn Ephemeral>, limits: SignInLimits) -> Self {
        Self { counts, limits }
    }

    /// One attempt from `remote`. Calls of this very machine (a pipe) have no
    /// address and are not counted.
    pub(crate) async fn from(&self, remote: Option<&str>) -> Result<()> {
        match remote {
            Some(remote) => {
                self.attempt(&format!("sign-in:from:{remote}"), self.limits.per_remote)
                    .await
            }
            None => Ok(()),
        }
    }

    /// One attempt at `login`. Counted before the password is looked at, so
    /// that parallel attempts count too; `since` is when the login last
    /// succeeded, so that a success starts the count anew.
    pub(crate) async fn at(&self, login: &str, since: i64) -> Result<()> {
        // Keys of the store have a bounded length and tell no logins.
        let login = hex::encode(Sha256::digest(login));
        self.attempt(
            &format!("sign-in:at:{login}:{since}"),
            self.limits.per_login,
        )
        .await
    }

    async fn attempt(&self, key: &str, most: u64) -> Result<()> {
        let window = self.limits.window();
        if self.counts.count(key, window).await? > most {
            return Err(TooMany::Attempts.retry_after(window).into());
        }
        Ok(())
    }
}
