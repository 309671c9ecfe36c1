//! Personal data at rest: sealed per tenant, found by blind index.
//!
//! Each tenant's key is derived from the master key, so that a text sealed in
//! one county cannot be opened in another. A blind index is the same in every
//! county: that is what city-wide duplicate checks need.

use std::{fs, io::Write as _, path::Path};

use anyhow::Context as _;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
    hmac,
    rand::{SecureRandom, SystemRandom},
};
use secrecy::{ExposeSecret, SecretString};

use crate::db::Tenancy;

/// First byte of every sealed text: how it was sealed.
const VERSION: u8 = 1;

/// A sealed text cannot be opened, or the key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Not 32 bytes in hex.
    #[error("the master key must be 64 hex digits")]
    BadKey,
    /// Changed, cut, of another tenant or of another field.
    #[error("the sealed text cannot be opened here")]
    Unopenable,
    /// Nothing is sealed for everybody.
    #[error("a sealed text belongs to one tenant or to the city")]
    NoOwner,
    /// The operating system gives no random bytes.
    #[error("no random bytes")]
    NoRandom,
}

/// Seals and opens personal data.
pub struct Vault {
    seal: Prk,
    index: hmac::Key,
    random: SystemRandom,
}

impl Vault {
    /// A vault of the master key, 64 hex digits.
    pub fn from_hex(master: &SecretString) -> Result<Self, VaultError> {
        let bytes = hex::decode(master.expose_secret().trim()).map_err(|_| VaultError::BadKey)?;
        if bytes.len() != 32 {
            return Err(VaultError::BadKey);
        }
        let root = Salt::new(HKDF_SHA256, b"yuhui vault").extract(&bytes);
        let index: [u8; 32] = expand(&root, &[b"blind index"])?;
        Ok(Self {
            index: hmac::Key::new(hmac::HMAC_SHA256, &index),
            seal: root,
            random: SystemRandom::new(),
        })
    }

    /// A vault of the key file at `path`, which is made if it is missing:
    /// for laptops and tests; elsewhere the key comes from a secret store.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        if !path.exists() {
            let mut key = [0_u8; 32];
            SystemRandom::new()
                .fill(&mut key)
                .map_err(|_| VaultError::NoRandom)?;
            let mut file = private_file(path)?;
            file.write_all(hex::encode(key).as_bytes())?;
        }
        let text = fs::read_to_string(path)
            .with_context(|| format!("read vault key {}", path.display()))?;
        Ok(Self::from_hex(&text.into())?)
    }

    /// Seals `text`; only the same tenant and `field` open it. What belongs to
    /// no county is sealed for [`Tenancy::City`].
    pub fn seal(
        &self,
        tenant: impl Into<Tenancy>,
        field: &str,
        text: &str,
    ) -> Result<Vec<u8>, VaultError> {
        let mut nonce = [0_u8; NONCE_LEN];
        self.random
            .fill(&mut nonce)
            .map_err(|_| VaultError::NoRandom)?;
        let mut body = text.as_bytes().to_vec();
        self.key(tenant.into())?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(field),
                &mut body,
            )
            .map_err(|_| VaultError::Unopenable)?;
        Ok([[VERSION].as_slice(), nonce.as_slice(), body.as_slice()].concat())
    }

    /// Opens what [`Vault::seal`] sealed for the same tenant and field.
    pub fn unseal(
        &self,
        tenant: impl Into<Tenancy>,
        field: &str,
        sealed: &[u8],
    ) -> Result<String, VaultError> {
        let Some((&[VERSION], rest)) = sealed.split_first_chunk::<1>() else {
            return Err(VaultError::Unopenable);
        };
        let (nonce, body) = rest
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(VaultError::Unopenable)?;
        let mut body = body.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let text = self
            .key(tenant.into())?
            .open_in_place(nonce, Aad::from(field), &mut body)
            .map_err(|_| VaultError::Unopenable)?;
        String::from_utf8(text.to_vec()).map_err(|_| VaultError::Unopenable)
    }

    /// Keyed index of `value` within `domain` (what kind of number it is):
    /// 64 hex digits, the same in every county.
    #[must_use]
    pub fn blind(&self, domain: &str, value: &str) -> String {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(domain.as_bytes());
        // Separates the domain from the value: "a"+"bc" is not "ab"+"c".
        context.update(&[0]);
        context.update(value.as_bytes());
        hex::encode(context.sign())
    }

    /// Reference to a person by citizen number, or by birth certificate number
    /// while there is none. The same in every service: the references in
    /// claims, facts, accounts and events are compared (DYN-3).
    #[must_use]
    pub fn person(&self, number: &str) -> String {
        self.blind("identity-number", &number.trim().to_uppercase())
    }

    /// Reference to an institution by unified social credit code. The same in
    /// every service.
    #[must_use]
    pub fn institution(&self, code: &str) -> String {
        self.blind("credit-code", &code.trim().to_uppercase())
    }

    fn key(&self, tenant: Tenancy) -> Result<LessSafeKey, VaultError> {
        if tenant == Tenancy::All {
            return Err(VaultError::NoOwner);
        }
        let bytes = expand(&self.seal, &[b"tenant", tenant.scope().as_bytes()])?;
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| VaultError::BadKey)?;
        Ok(LessSafeKey::new(key))
    }
}

impl From<VaultError> for crate::Error {
    fn from(error: VaultError) -> Self {
        Self::Fault(error.into())
    }
}

struct Len32;

impl KeyType for Len32 {
    fn len(&self) -> usize {
        32
    }
}

fn expand(root: &Prk, info: &[&[u8]]) -> Result<[u8; 32], VaultError> {
    let mut out = [0_u8; 32];
    root.expand(info, Len32)
        .and_then(|okm| okm.fill(&mut out))
        .map_err(|_| VaultError::BadKey)?;
    Ok(out)
}

/// A new file that only its owner may read.
fn private_file(path: &Path) -> std::io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use yuhui_kernel::Tenant;

    use super::*;

    const NUMBER: &str = "150203202401010014";

    fn vault() -> Vault {
        Vault::from_hex(&"07".repeat(32).into()).expect("key")
    }

    fn tenant(code: &str) -> Tenant {
        Tenant::parse(code).expect("county")
    }

    #[test]
    fn a_sealed_number_opens_for_its_own_tenant_and_field_only() {
        let (vault, own) = (vault(), tenant("150203"));
        let sealed = vault.seal(own, "citizen", NUMBER).expect("sealed");
        assert_eq!(
            vault.unseal(own, "citizen", &sealed).expect("opened"),
            NUMBER
        );
        assert!(vault.unseal(tenant("150204"), "citizen", &sealed).is_err());
        assert!(vault.unseal(own, "account", &sealed).is_err());
        assert!(vault.unseal(own, "citizen", &sealed[..20]).is_err());
        assert_ne!(
            sealed,
            vault.seal(own, "citizen", NUMBER).expect("fresh nonce")
        );
    }

    #[test]
    fn a_blind_index_depends_on_key_domain_and_value() {
        let other = Vault::from_hex(&"08".repeat(32).into()).expect("key");
        let index = vault().blind("citizen", NUMBER);
        assert_eq!(index.len(), 64);
        assert_eq!(index, vault().blind("citizen", NUMBER));
        assert_ne!(index, vault().blind("credit", NUMBER));
        assert_eq!(
            vault().person("11010519491231002x "),
            vault().person("11010519491231002X")
        );
        assert_ne!(vault().person(NUMBER), vault().institution(NUMBER));
        assert_ne!(index, other.blind("citizen", NUMBER));
    }

    #[test]
    fn a_key_file_is_made_once() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("vault.key");
        let first = Vault::open(&path).expect("made").blind("x", "y");
        assert_eq!(first, Vault::open(&path).expect("read").blind("x", "y"));
    }
}
