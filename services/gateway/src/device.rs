//! Devices that signed in before: each carries a token that says so, which only the gateway makes.

use std::{sync::Arc, time::Duration};

use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use yuhui_platform::{Result, vault::Vault};

use crate::password::random;

/// Bytes of a device's id.
const ID: usize = 16;
/// What the vault seals device tokens as.
const DOMAIN: &str = "sign-in-device";

/// A device that signed in to an account before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Device {
    /// Random, hexadecimal.
    pub(crate) id: String,
}

/// Makes and reads device tokens: `ID.END.SEAL`, bound to one account.
pub(crate) struct Devices {
    vault: Arc<Vault>,
    life: Duration,
}

impl Devices {
    pub(crate) fn new(vault: Arc<Vault>, life: Duration) -> Self {
        Self { vault, life }
    }

    /// A token for a device that just signed in to `account`: the one it had goes on under its
    /// name.
    pub(crate) fn token(
        &self,
        account: &str,
        had: Option<&Device>,
        now: OffsetDateTime,
    ) -> Result<String> {
        let id = match had {
            Some(device) => device.id.clone(),
            None => hex::encode(random::<ID>()?),
        };
        let ends = (now + self.life).unix_timestamp();
        let seal = self.seal(account, &id, ends);
        Ok(format!("{id}.{ends}.{seal}"))
    }

    /// The device that shows `token` for `account`, if it was made here and lasts.
    pub(crate) fn known(&self, account: &str, token: &str, now: OffsetDateTime) -> Option<Device> {
        let mut parts = token.splitn(3, '.');
        let (id, ends, seal) = (parts.next()?, parts.next()?, parts.next()?);
        let ends: i64 = ends.parse().ok()?;
        // Digests compare in a time that tells nothing of the seal.
        let own = Sha256::digest(self.seal(account, id, ends));
        let is_own = own == Sha256::digest(seal);
        (is_own && now.unix_timestamp() < ends).then(|| Device { id: id.to_owned() })
    }

    fn seal(&self, account: &str, id: &str, ends: i64) -> String {
        self.vault.blind(DOMAIN, &format!("{account}.{id}.{ends}"))
    }
}

#[cfg(test)]
mod tests {
    use yuhui_platform::vault::Key;

    use super::*;

    #[test]
    fn a_token_is_one_accounts_until_it_ends_and_nobody_elses_work() {
        let key = || Key::generate().expect("key");
        let vault = Vault::with_first_key("gateway", &key(), key()).expect("vault");
        let vault = Arc::new(vault);
        let devices = Devices::new(vault, Duration::from_secs(90 * 24 * 3600));
        let now = OffsetDateTime::UNIX_EPOCH;
        let token = devices.token("a", None, now).expect("a token");
        let device = devices.known("a", &token, now).expect("known");
        assert_eq!(devices.known("b", &token, now), None);
        let late = now + time::Duration::days(90);
        assert_eq!(devices.known("a", &token, late), None);
        assert_eq!(devices.known("a", &token.replace('.', ".9"), now), None);
        for text in ["", "a", "a.b.c", "..", "a.1."] {
            assert_eq!(devices.known("a", text, now), None, "{text}");
        }
        let again = devices.token("a", Some(&device), now).expect("a token");
        assert_eq!(devices.known("a", &again, now), Some(device));
    }
}
