//! Keys of a system: one signing key per service and the vault's master key,
//! in files of their own. Those that are missing are made: for laptops, tests
//! and demonstrations. In production each process is given its own key and
//! `jwks.json`, nothing else.

use std::{
    fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, anyhow};
use secrecy::ExposeSecret as _;
use yuhui_platform::{
    clock,
    token::{Keyring, Signer},
    vault::Vault,
};

use super::Part;

/// Public keys of all services.
const PUBLIC: &str = "jwks.json";
/// Master key of the vault.
const VAULT: &str = "vault.key";

/// The folder of keys below a data folder.
pub struct Keys(PathBuf);

impl Keys {
    /// The keys below `data`; makes every one that is missing.
    pub fn make(data: &Path) -> anyhow::Result<Self> {
        let keys = Self(data.join("keys"));
        fs::create_dir_all(&keys.0).with_context(|| format!("create {}", keys.0.display()))?;
        let mut keyring = Keyring::new();
        for part in Part::ALL {
            let pem = keys.0.join(format!("{}.pem", part.name()));
            if !pem.exists() {
                let made = Signer::generate(part.name())?;
                put(&pem, made.to_pem().expose_secret())?;
            }
            keyring = keyring.trust(&*keys.signer(*part)?);
        }
        keys.make_vault()?;
        // Last: who finds it finds everything else.
        put(
            &keys.0.join(PUBLIC),
            &serde_json::to_string_pretty(&keyring.jwks())?,
        )?;
        Ok(keys)
    }

    /// The keys below `data` as they are; made only if there are none at all.
    pub fn open(data: &Path) -> anyhow::Result<Self> {
        let keys = Self(data.join("keys"));
        if keys.0.join(PUBLIC).exists() {
            return Ok(keys);
        }
        Self::make(data)
    }

    /// The signing key of a service.
    pub fn signer(&self, part: Part) -> anyhow::Result<Arc<Signer>> {
        let pem = self.read(&format!("{}.pem", part.name()))?;
        Ok(Arc::new(Signer::from_pem(part.name(), &pem)?))
    }

    /// The public keys of all services.
    pub fn keyring(&self) -> anyhow::Result<Keyring> {
        Keyring::from_file(&self.0.join(PUBLIC))
    }

    /// Believes at once what the file of public keys comes to hold.
    pub fn follow(&self, keyring: &Keyring, every: Duration) {
        keyring.follow(self.0.join(PUBLIC), every);
    }

    /// The vault.
    pub fn vault(&self) -> anyhow::Result<Arc<Vault>> {
        Ok(Arc::new(Vault::open(&self.0.join(VAULT))?))
    }

    /// Makes the vault's key beside its place and moves it there whole.
    fn make_vault(&self) -> anyhow::Result<()> {
        let draft = self.0.join(clock::fresh_id().simple().to_string());
        Vault::open(&draft)?;
        place(&draft, &self.0.join(VAULT))
    }

    fn read(&self, name: &str) -> anyhow::Result<String> {
        let path = self.0.join(name);
        fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))
    }
}

/// Writes a secret file whole, unless another process was faster.
fn put(path: &Path, text: &str) -> anyhow::Result<()> {
    let draft = path.with_extension(clock::fresh_id().simple().to_string());
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(text.as_bytes())?;
    drop(file);
    place(&draft, path)
}

/// Puts a whole file in its place, unless there is one already: a link appears
/// at once and never replaces a file.
fn place(draft: &Path, path: &Path) -> anyhow::Result<()> {
    let linked = fs::hard_link(draft, path);
    fs::remove_file(draft)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(anyhow!("write {}: {error}", path.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_read_again() {
        let folder = tempfile::tempdir().expect("folder");
        let made = Keys::make(folder.path()).expect("made");
        let again = Keys::open(folder.path()).expect("opened");
        for part in Part::ALL {
            let (one, other) = (
                made.signer(*part).expect("key"),
                again.signer(*part).expect("key"),
            );
            assert_eq!(one.kid(), other.kid());
        }
        let first = made.vault().expect("vault").blind("x", "y");
        assert_eq!(first, again.vault().expect("vault").blind("x", "y"));
        assert!(again.keyring().is_ok());
    }
}
