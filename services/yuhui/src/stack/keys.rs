//! Keys of a system. Each service has a folder of its own, with its signing key and those of its
//! vault; the public keys of all of them are in one file. In production a process is given its own
//! folder and `jwks.json`, nothing else.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, bail};
use secrecy::ExposeSecret as _;
use yuhui_platform::{
    private_file,
    token::{Keyring, Signer},
    vault::{Key, KeyFolder, Kind, Vault},
};

use super::Part;

/// What stands for the name of the service in the path of its folder.
const PLACE: &str = "{service}";
/// A service's signing key.
const SIGNING: &str = "signing.pem";
/// How often it is looked which keys are there, unless said otherwise.
const RELOAD: Duration = Duration::from_secs(30);
/// Number of the first keys of a vault.
const FIRST: u16 = 1;

/// Where the keys are.
#[derive(Clone, Debug)]
pub struct Keys {
    folder: String,
    jwks: PathBuf,
    reload: Duration,
}

impl Keys {
    /// The keys in `folder`, in which `{service}` stands for the name, and the public ones in `jwks`.
    #[must_use]
    pub fn at(folder: &str, jwks: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            jwks: jwks.to_owned(),
            reload: RELOAD,
        }
    }

    /// The keys below a data folder.
    #[must_use]
    pub fn below(data: &Path) -> Self {
        let keys = data.join("keys");
        let folder = keys.join(PLACE);
        Self::at(&folder.to_string_lossy(), &keys.join("jwks.json"))
    }

    /// How often it is looked which keys of the vault are there.
    #[must_use]
    pub fn reload(&self) -> Duration {
        self.reload
    }

    /// Some of it otherwise.
    #[must_use]
    pub fn moved(
        self,
        folder: Option<&String>,
        jwks: Option<&PathBuf>,
        reload: Option<Duration>,
    ) -> Self {
        Self {
            reload: reload.unwrap_or(self.reload),
            folder: folder.map_or(self.folder, Clone::clone),
            jwks: jwks.map_or(self.jwks, Clone::clone),
        }
    }

    /// Makes every key that is missing, for all services; answers the files it made. The index key is
    /// the same for all: references are compared.
    pub fn make(&self) -> anyhow::Result<Vec<PathBuf>> {
        let mut made = Vec::new();
        let mut keyring = Keyring::new();
        let index = self.index()?;
        for part in Part::ALL {
            let folder = self.folder(*part);
            private_file::folder(folder.path())
                .with_context(|| format!("create {}", folder.path().display()))?;
            let pem = self.signing(*part);
            if !pem.exists() {
                let signer = Signer::generate(part.name())?;
                let text = signer.to_pem();
                private_file::write(&pem, text.expose_secret().as_bytes(), 0o600, false)
                    .with_context(|| format!("write {}", pem.display()))?;
                made.push(pem);
            }
            keyring = keyring.trust(&*self.signer(*part)?);
            let seal = || Ok(Key::generate()?);
            made.extend(put(&folder, Kind::Seal, seal)?);
            let index = || Ok(Key::from_hex(index.expose_secret())?);
            made.extend(put(&folder, Kind::Index, index)?);
        }
        let public = serde_json::to_string_pretty(&keyring.jwks())?;
        if fs::read_to_string(&self.jwks).ok().as_ref() != Some(&public) {
            if let Some(folder) = self.jwks.parent() {
                fs::create_dir_all(folder)
                    .with_context(|| format!("create {}", folder.display()))?;
            }
            private_file::write(&self.jwks, public.as_bytes(), 0o644, true)
                .with_context(|| format!("write {}", self.jwks.display()))?;
            made.push(self.jwks.clone());
        }
        Ok(made)
    }

    /// The keys of a service's vault.
    #[must_use]
    pub fn folder(&self, part: Part) -> KeyFolder {
        KeyFolder::at(self.folder.replace(PLACE, part.name()))
    }

    /// The signing key of a service. One that others may read is refused.
    pub fn signer(&self, part: Part) -> anyhow::Result<Arc<Signer>> {
        let path = self.signing(part);
        private_file::check(self.folder(part).path())?;
        private_file::check(&path)?;
        let pem = fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))?;
        Ok(Arc::new(Signer::from_pem(part.name(), &pem)?))
    }

    /// The public keys of all services.
    pub fn keyring(&self) -> anyhow::Result<Keyring> {
        Keyring::from_file(&self.jwks)
    }

    /// Believes at once what the file of public keys comes to hold.
    pub fn follow(&self, keyring: &Keyring, every: Duration) {
        keyring.follow(self.jwks.clone(), every);
    }

    /// A vault that makes the references of the whole system, and opens nothing of its databases.
    pub fn references(&self) -> anyhow::Result<Arc<Vault>> {
        let folder = self.folder(Part::Gateway);
        let Some(index) = folder.read(Kind::Index, FIRST)? else {
            bail!("there is no index key in {}", folder.path().display());
        };
        let vault = Vault::with_first_key("references", &index, Key::generate()?)?;
        Ok(Arc::new(vault))
    }

    fn signing(&self, part: Part) -> PathBuf {
        self.folder(part).path().join(SIGNING)
    }

    /// The index key of whichever service has one already, or a new one.
    fn index(&self) -> anyhow::Result<secrecy::SecretString> {
        for part in Part::ALL {
            if let Some(key) = self.folder(*part).read(Kind::Index, FIRST)? {
                return Ok(key.to_hex());
            }
        }
        Ok(Key::generate()?.to_hex())
    }
}

/// Puts a first key where there is none; answers whether, and where.
fn put(
    folder: &KeyFolder,
    kind: Kind,
    key: impl FnOnce() -> anyhow::Result<Key>,
) -> anyhow::Result<Option<PathBuf>> {
    if !folder.ids(kind)?.is_empty() {
        return Ok(None);
    }
    folder.write(kind, FIRST, &key()?)?;
    Ok(Some(folder.file(kind, FIRST)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_read_again() {
        let folder = tempfile::tempdir().expect("folder");
        let keys = Keys::below(folder.path());
        // A signing, a seal and an index key of each service, and the public ones of all.
        assert_eq!(keys.make().expect("made").len(), 3 * Part::ALL.len() + 1);
        let kids = Part::ALL.iter().map(|part| {
            let signer = keys.signer(*part).expect("key");
            signer.kid().to_owned()
        });
        let kids: Vec<_> = kids.collect();
        let reference = keys.references().expect("vault").person("x");
        assert_eq!(keys.make().expect("nothing"), Vec::<PathBuf>::new());
        let again = Keys::below(folder.path());
        for (part, kid) in Part::ALL.iter().zip(kids) {
            assert_eq!(again.signer(*part).expect("key").kid(), kid);
        }
        assert_eq!(again.references().expect("vault").person("x"), reference);
        assert!(again.keyring().is_ok());
    }

    #[test]
    fn seal_keys_are_each_services_own_and_the_index_key_is_everybodys() {
        let folder = tempfile::tempdir().expect("folder");
        let keys = Keys::below(folder.path());
        keys.make().expect("made");
        let of = |part: Part, kind| {
            let key = keys.folder(part).read(kind, FIRST).expect("read");
            key.expect("there").to_hex().expose_secret().to_owned()
        };
        let (one, other) = (Part::Eligibility, Part::Disbursement);
        assert_ne!(of(one, Kind::Seal), of(other, Kind::Seal));
        assert_eq!(of(one, Kind::Index), of(other, Kind::Index));
        assert_ne!(of(one, Kind::Seal), of(one, Kind::Index));
    }
}
