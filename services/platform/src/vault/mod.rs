//! Personal data at rest: sealed for the place they lie in, found by blind index.
//!
//! A sealed text opens for its own service, tenant, table, column and row alone: moved anywhere else
//! it is noise. Keys have numbers, so that they can be replaced while everything runs. A blind index is
//! the same in every service and county, which is what city-wide checks need, and has a key of its own.

mod content;
mod key;
mod place;
mod register;
mod rotate;

use std::{
    collections::BTreeMap,
    io,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, KeyType, Prk, Salt},
    hmac,
    rand::{SecureRandom, SystemRandom},
};

use crate::{db::Tenancy, private_file::Exposed};

pub use content::{ContentKey, Piece};
pub use key::{Key, KeyFolder, Kind};
pub use place::{Place, Row, Sealed};
pub use register::{Listed, Register, State};
pub use rotate::{Report, rotate};

/// First byte of every sealed text: how it was sealed.
const VERSION: u8 = 2;

/// A sealed text cannot be opened, or a key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Not 32 bytes in hex.
    #[error("a key must be 64 hex digits")]
    BadKey,
    /// The file of a key cannot be read.
    #[error("read {path}: {1}", path = .0.display())]
    Unreadable(PathBuf, io::Error),
    /// The file of a key cannot be written.
    #[error("write {path}: {1}", path = .0.display())]
    Unwritable(PathBuf, io::Error),
    /// Others may read a key.
    #[error(transparent)]
    Exposed(#[from] Exposed),
    /// Changed, cut, or moved from where it was sealed.
    #[error("the sealed text cannot be opened here")]
    Unopenable,
    /// It was sealed with a key that is not here.
    #[error("seal key {0} is missing")]
    NoKey(u16),
    /// Nothing is sealed for everybody.
    #[error("a sealed text belongs to one tenant or to the city")]
    NoOwner,
    /// The operating system gives no random bytes.
    #[error("no random bytes")]
    NoRandom,
}

/// Seals and opens personal data of one service.
pub struct Vault {
    service: String,
    index: hmac::Key,
    ring: RwLock<Arc<Ring>>,
    random: SystemRandom,
}

/// The keys that seal and open: one of them seals.
struct Ring {
    keys: BTreeMap<u16, Prk>,
    active: u16,
}

impl Ring {
    fn new(keys: &BTreeMap<u16, Key>, active: u16) -> Result<Self, VaultError> {
        if !keys.contains_key(&active) {
            return Err(VaultError::NoKey(active));
        }
        let salt = Salt::new(HKDF_SHA256, b"yuhui vault");
        let keys = keys.iter().map(|(id, it)| (*id, salt.extract(it.bytes())));
        Ok(Self {
            keys: keys.collect(),
            active,
        })
    }

    /// The key of one tenant.
    fn key(&self, id: u16, tenant: Tenancy) -> Result<LessSafeKey, VaultError> {
        let root = self.keys.get(&id).ok_or(VaultError::NoKey(id))?;
        let bytes = expand(root, &[b"tenant", tenant.scope().as_bytes()])?;
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| VaultError::BadKey)?;
        Ok(LessSafeKey::new(key))
    }
}

impl Vault {
    /// The vault of `service`: one of `seals`, numbered `active`, seals, all of them open; `index` is
    /// every service's.
    pub fn new(
        service: &str,
        index: &Key,
        seals: &BTreeMap<u16, Key>,
        active: u16,
    ) -> Result<Self, VaultError> {
        let root = Salt::new(HKDF_SHA256, b"yuhui index").extract(index.bytes());
        let index: [u8; key::LENGTH] = expand(&root, &[b"blind index"])?;
        Ok(Self {
            service: service.to_owned(),
            index: hmac::Key::new(hmac::HMAC_SHA256, &index),
            ring: RwLock::new(Arc::new(Ring::new(seals, active)?)),
            random: SystemRandom::new(),
        })
    }

    /// A vault whose first key seals.
    pub fn with_first_key(service: &str, index: &Key, seal: Key) -> Result<Self, VaultError> {
        Self::new(service, index, &BTreeMap::from([(1, seal)]), 1)
    }

    /// Uses these keys from now on.
    pub(crate) fn replace(
        &self,
        seals: &BTreeMap<u16, Key>,
        active: u16,
    ) -> Result<(), VaultError> {
        let ring = Arc::new(Ring::new(seals, active)?);
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
        Ok(())
    }

    fn ring(&self) -> Arc<Ring> {
        self.ring
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Number of the key that seals.
    #[must_use]
    pub fn active(&self) -> u16 {
        self.ring().active
    }

    /// Numbers of the keys that open, ascending.
    #[must_use]
    pub fn ids(&self) -> Vec<u16> {
        self.ring().keys.keys().copied().collect()
    }

    /// Seals `text` for `place`: version, number of the key, nonce, sealed text, tag.
    pub fn seal(&self, place: &Place, text: &str) -> Result<Vec<u8>, VaultError> {
        let mut nonce = [0_u8; NONCE_LEN];
        self.random
            .fill(&mut nonce)
            .map_err(|_| VaultError::NoRandom)?;
        let ring = self.ring();
        let mut body = text.as_bytes().to_vec();
        ring.key(ring.active, place.owner()?)?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.authenticated(&self.service)),
                &mut body,
            )
            .map_err(|_| VaultError::Unopenable)?;
        Ok([
            prefix(ring.active).as_slice(),
            nonce.as_slice(),
            body.as_slice(),
        ]
        .concat())
    }

    /// Opens what [`Vault::seal`] sealed for the same place.
    pub fn unseal(&self, place: &Place, sealed: &[u8]) -> Result<String, VaultError> {
        let Some((&[VERSION, high, low], rest)) = sealed.split_first_chunk() else {
            return Err(VaultError::Unopenable);
        };
        let (nonce, body) = rest
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(VaultError::Unopenable)?;
        let mut body = body.to_vec();
        let text = self
            .ring()
            .key(u16::from_be_bytes([high, low]), place.owner()?)?
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(place.authenticated(&self.service)),
                &mut body,
            )
            .map_err(|_| VaultError::Unopenable)?;
        String::from_utf8(text.to_vec()).map_err(|_| VaultError::Unopenable)
    }

    /// Keyed index of `value` within `domain` (what kind of number it is):
    /// 64 hex digits, the same in every service and county.
    #[must_use]
    pub fn blind(&self, domain: &str, value: &str) -> String {
        let mut context = hmac::Context::with_key(&self.index);
        context.update(domain.as_bytes());
        // Separates the domain from the value: "a"+"bc" is not "ab"+"c".
        context.update(&[0]);
        context.update(value.as_bytes());
        hex::encode(context.sign())
    }

    /// Whether `index` is that of `value`; it takes the same time whatever the answer.
    #[must_use]
    pub fn is_blind(&self, domain: &str, value: &str, index: &str) -> bool {
        let value = [domain.as_bytes(), &[0], value.as_bytes()].concat();
        // What is no hex is compared too, with a tag of no key.
        let tag = hex::decode(index).unwrap_or_default();
        hmac::verify(&self.index, &value, &tag).is_ok()
    }

    /// Bytes that nobody can guess.
    pub fn random<const LENGTH: usize>(&self) -> Result<[u8; LENGTH], VaultError> {
        let mut bytes = [0; LENGTH];
        self.random
            .fill(&mut bytes)
            .map_err(|_| VaultError::NoRandom)?;
        Ok(bytes)
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
}

/// What every text that key `id` sealed begins with.
fn prefix(id: u16) -> [u8; 3] {
    let [high, low] = id.to_be_bytes();
    [VERSION, high, low]
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

#[cfg(test)]
mod tests;
