//! Passwords: argon2id, off the async threads, a few at a time.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::{Output, SaltString},
};
use rand::TryRngCore as _;
use tokio::sync::Semaphore;
use yuhui_platform::{Error, Result};

use crate::config::Cost;

/// Length of a salt, in bytes.
const SALT: usize = 16;
/// Length of a hash, in bytes.
const HASH: usize = 32;

/// Hashes and verifies passwords.
pub(crate) struct Passwords {
    params: Params,
    /// Each hash takes its memory at once, so their number is bounded.
    turns: Arc<Semaphore>,
    /// Belongs to no password; verified against where there is no account, so
    /// that the time taken tells nothing.
    decoy: String,
}

impl Passwords {
    pub(crate) fn new(cost: &Cost) -> Result<Self> {
        let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(HASH))
            .map_err(|error| Error::fault(format!("cost of passwords: {error}")))?;
        Ok(Self {
            decoy: decoy(&params)?,
            params,
            turns: Arc::new(Semaphore::new(cost.at_once.max(1))),
        })
    }

    /// A salted hash to store.
    pub(crate) async fn hash(&self, password: String) -> Result<String> {
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone());
        let salt = salt()?;
        self.in_turn(move || {
            argon
                .hash_password(password.as_bytes(), &salt)
                .map(|hash| hash.to_string())
                .map_err(|error| Error::fault(format!("hashing a password: {error}")))
        })
        .await?
    }

    /// Whether `password` is the one that was hashed. Without a hash the
    /// answer is no, and takes as long.
    pub(crate) async fn matches(&self, password: String, hash: Option<&str>) -> Result<bool> {
        let hash = hash.unwrap_or(&self.decoy).to_owned();
        self.in_turn(move || {
            let hash = PasswordHash::new(&hash)
                .map_err(|error| Error::fault(format!("a stored password hash: {error}")))?;
            Ok(Argon2::default()
                .verify_password(password.as_bytes(), &hash)
                .is_ok())
        })
        .await?
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let gone = |_| Error::fault("the gateway is stopping");
        let turn = self.turns.clone().acquire_owned().await.map_err(gone)?;
        let done = tokio::task::spawn_blocking(move || {
            // Held until the memory is free again, even if nobody waits any more.
            let _turn = turn;
            work()
        });
        done.await.map_err(|error| Error::Fault(error.into()))
    }
}

/// A hash of the same cost that no password has: random bytes.
fn decoy(params: &Params) -> Result<String> {
    let broken = |error: argon2::password_hash::Error| Error::fault(error.to_string());
    let salt = salt()?;
    let output = Output::new(&random::<HASH>()?).map_err(broken)?;
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: params.try_into().map_err(broken)?,
        salt: Some(salt.as_salt()),
        hash: Some(output),
    };
    Ok(hash.to_string())
}

fn salt() -> Result<SaltString> {
    SaltString::encode_b64(&random::<SALT>()?)
        .map_err(|error| Error::fault(format!("a salt: {error}")))
}

/// Random bytes of the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    rand::rngs::OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(|error| Error::fault(format!("no random bytes: {error}")))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let passwords = Passwords::new(&Cost::sandbox()).expect("cost");
        let hash = passwords.hash("correct horse".into()).await.expect("hash");
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        let matches = |text: &str| passwords.matches(text.into(), Some(&hash));
        assert!(matches("correct horse").await.expect("verified"));
        assert!(!matches("correct horsf").await.expect("verified"));
        let again = passwords.hash("correct horse".into()).await.expect("hash");
        assert_ne!(hash, again, "each hash has its own salt");
    }

    #[tokio::test]
    async fn nobody_has_the_decoys_password_though_it_is_a_hash_like_any_other() {
        let passwords = Passwords::new(&Cost::default()).expect("cost");
        assert!(
            passwords
                .decoy
                .starts_with("$argon2id$v=19$m=65536,t=3,p=1$")
        );
        assert!(!passwords.matches("".into(), None).await.expect("verified"));
    }
}
