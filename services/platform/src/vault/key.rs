//! Keys in files of their own, that nobody but their owner can read.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
};

use ring::{
    hmac,
    rand::{SecureRandom as _, SystemRandom},
};
use secrecy::{ExposeSecret as _, SecretBox, SecretString};

use super::VaultError;
use crate::private_file;

/// Bytes of a key.
pub(super) const LENGTH: usize = 32;
/// Bytes of a key check value.
const CHECK_VALUE: usize = 16;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Seals and opens. Each service has its own.
    Seal,
    /// Makes blind indexes. The same in every service: references are compared.
    Index,
}

impl Kind {
    /// Its name in folders, tables and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seal => "seal",
            Self::Index => "index",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A key of the vault.
pub struct Key(SecretBox<[u8; LENGTH]>);

impl Key {
    /// Reads 64 hex digits.
    pub fn from_hex(text: &str) -> Result<Self, VaultError> {
        let mut bytes = Box::new([0; LENGTH]);
        hex::decode_to_slice(text.trim(), bytes.as_mut_slice()).map_err(|_| VaultError::BadKey)?;
        Ok(Self(SecretBox::new(bytes)))
    }

    /// A new one.
    pub fn generate() -> Result<Self, VaultError> {
        let mut bytes = Box::new([0; LENGTH]);
        SystemRandom::new()
            .fill(bytes.as_mut_slice())
            .map_err(|_| VaultError::NoRandom)?;
        Ok(Self(SecretBox::new(bytes)))
    }

    /// Tells of a key which it is, and nothing else: kept beside what it sealed, so that another key
    /// of the same number is noticed before it is used. 32 hex digits.
    #[must_use]
    pub fn check_value(&self, service: &str, kind: Kind, id: u16) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.bytes());
        let mut context = hmac::Context::with_key(&key);
        for part in ["kcv", service, kind.name()] {
            context.update(part.as_bytes());
            context.update(&[0]);
        }
        context.update(&id.to_be_bytes());
        let tag = context.sign();
        hex::encode(tag.as_ref().get(..CHECK_VALUE).unwrap_or_default())
    }

    /// 64 hex digits, as [`Key::from_hex`] reads them.
    #[must_use]
    pub fn to_hex(&self) -> SecretString {
        hex::encode(self.bytes()).into()
    }

    pub(super) fn bytes(&self) -> &[u8; LENGTH] {
        self.0.expose_secret()
    }
}

/// The folder of a service's keys: `seal/N.key` and `index/1.key`, 64 hex digits each.
#[derive(Clone, Debug)]
pub struct KeyFolder(PathBuf);

impl KeyFolder {
    /// The folder at `path`.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where key `id` is, or would be.
    #[must_use]
    pub fn file(&self, kind: Kind, id: u16) -> PathBuf {
        self.0.join(kind.name()).join(format!("{id}.key"))
    }

    /// Numbers of the keys that are there, ascending.
    pub fn ids(&self, kind: Kind) -> Result<Vec<u16>, VaultError> {
        let folder = self.0.join(kind.name());
        if !folder.is_dir() {
            return Ok(Vec::new());
        }
        let unreadable = |error| VaultError::Unreadable(folder.clone(), error);
        let mut ids = Vec::new();
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let name = entry.map_err(unreadable)?.file_name();
            let id = name.to_str().and_then(|it| it.strip_suffix(".key"));
            ids.extend(id.and_then(|it| it.parse::<u16>().ok()));
        }
        ids.sort_unstable();
        Ok(ids)
    }

    /// Key `id`, if it is there. One that others may read is refused.
    pub fn read(&self, kind: Kind, id: u16) -> Result<Option<Key>, VaultError> {
        let path = self.file(kind, id);
        if !path.exists() {
            return Ok(None);
        }
        for place in [&self.0, &path] {
            private_file::check(place)?;
        }
        let text = fs::read_to_string(&path)
            .map_err(|error| VaultError::Unreadable(path.clone(), error))?;
        Key::from_hex(&text).map(Some)
    }

    /// Writes `key` as number `id`; there must be none yet.
    pub fn write(&self, kind: Kind, id: u16, key: &Key) -> Result<(), VaultError> {
        let path = self.file(kind, id);
        let failed = |error| VaultError::Unwritable(path.clone(), error);
        private_file::folder(&self.0).map_err(failed)?;
        private_file::folder(&self.0.join(kind.name())).map_err(failed)?;
        let text = key.to_hex();
        let text = text.expose_secret().as_bytes();
        private_file::write(&path, text, 0o600, false).map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_check_value_tells_keys_services_kinds_and_numbers_apart() {
        let (one, other) = (
            Key::from_hex(&"07".repeat(32)).expect("key"),
            Key::from_hex(&"08".repeat(32)).expect("key"),
        );
        let value = one.check_value("eligibility", Kind::Seal, 1);
        assert_eq!(value.len(), 32);
        assert_eq!(value, one.check_value("eligibility", Kind::Seal, 1));
        for different in [
            other.check_value("eligibility", Kind::Seal, 1),
            one.check_value("disbursement", Kind::Seal, 1),
            one.check_value("eligibility", Kind::Index, 1),
            one.check_value("eligibility", Kind::Seal, 2),
        ] {
            assert_ne!(value, different);
        }
    }

    #[test]
    fn a_key_is_written_once_and_read_by_its_owner_alone() {
        let folder = tempfile::tempdir().expect("folder");
        let keys = KeyFolder::at(folder.path().join("eligibility"));
        assert!(keys.ids(Kind::Seal).expect("none").is_empty());
        for id in [2, 10, 1] {
            let key = Key::generate().expect("key");
            keys.write(Kind::Seal, id, &key).expect("written");
            let read = keys.read(Kind::Seal, id).expect("read").expect("there");
            assert_eq!(read.bytes(), key.bytes());
        }
        assert_eq!(keys.ids(Kind::Seal).expect("ids"), [1, 2, 10]);
        assert!(keys.read(Kind::Index, 1).expect("read").is_none());
        let again = keys.write(Kind::Seal, 2, &Key::generate().expect("key"));
        assert!(again.is_err());

        let path = keys.file(Kind::Seal, 2);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("set");
        let error = keys.read(Kind::Seal, 2).map(|_| ()).expect_err("exposed");
        assert!(error.to_string().contains("chmod 0600"), "{error}");
    }
}
