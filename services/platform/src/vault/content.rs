//! Keys of contents: what is too long for a column is sealed piece by piece with a key of its own, and that key
//! is a sealed text like any other. So a key of the vault is replaced without reading a single piece.

use std::fmt;

use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::{SecureRandom as _, SystemRandom},
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{VaultError, key::LENGTH, place::lengths_first};
use crate::db::Tenancy;

/// The key of one content.
pub struct ContentKey {
    key: LessSafeKey,
    text: SecretString,
    random: SystemRandom,
}

/// Where one piece belongs; it opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    /// Whose it is.
    pub tenant: Tenancy,
    /// The content.
    pub content: &'a str,
    /// Its first byte in the content.
    pub start: i64,
}

impl ContentKey {
    /// A new one.
    pub fn generate() -> Result<Self, VaultError> {
        let (random, mut bytes) = (SystemRandom::new(), [0_u8; LENGTH]);
        random.fill(&mut bytes).map_err(|_| VaultError::NoRandom)?;
        Self::of(bytes)
    }

    /// The key that was kept as that text.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let mut bytes = [0_u8; LENGTH];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| VaultError::BadKey)?;
        Self::of(bytes)
    }

    fn of(bytes: [u8; LENGTH]) -> Result<Self, VaultError> {
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| VaultError::BadKey)?;
        Ok(Self {
            key: LessSafeKey::new(key),
            text: hex::encode(bytes).into(),
            random: SystemRandom::new(),
        })
    }

    /// The key as text, to be sealed.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.expose_secret()
    }

    /// Seals a piece: nonce, sealed bytes, tag.
    pub fn seal(&self, piece: Piece<'_>, bytes: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut nonce = [0_u8; NONCE_LEN];
        self.random
            .fill(&mut nonce)
            .map_err(|_| VaultError::NoRandom)?;
        let mut sealed = Vec::with_capacity(NONCE_LEN + bytes.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(bytes);
        let tag = self
            .key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(piece.authenticated()),
                &mut sealed[NONCE_LEN..],
            )
            .map_err(|_| VaultError::Unopenable)?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// Opens what [`ContentKey::seal`] sealed for the same place.
    pub fn open(&self, piece: Piece<'_>, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (nonce, body) = sealed
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(VaultError::Unopenable)?;
        let mut body = body.to_vec();
        let opened = self
            .key
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(piece.authenticated()),
                &mut body,
            )
            .map_err(|_| VaultError::Unopenable)?;
        let length = opened.len();
        body.truncate(length);
        Ok(body)
    }
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContentKey")
    }
}

impl Piece<'_> {
    fn authenticated(&self) -> Vec<u8> {
        let start = self.start.to_string();
        lengths_first(&["content", self.tenant.scope(), self.content, &start])
    }
}

#[cfg(test)]
mod tests {
    use yuhui_kernel::Tenant;

    use super::*;

    fn piece(county: &str, content: &'static str, start: i64) -> Piece<'static> {
        Piece {
            tenant: Tenant::parse(county).expect("a county").into(),
            content,
            start,
        }
    }

    #[test]
    fn a_piece_opens_in_its_place_only() {
        let key = ContentKey::generate().expect("a key");
        let place = piece("150203", "one", 0);
        let sealed = key.seal(place, b"a marriage certificate").expect("sealed");
        assert!(!sealed.windows(8).any(|it| it == b"marriage"));
        let kept = ContentKey::parse(key.text()).expect("the same");
        assert_eq!(
            kept.open(place, &sealed).expect("opened"),
            b"a marriage certificate"
        );
        for moved in [
            piece("150204", "one", 0),
            piece("150203", "two", 0),
            piece("150203", "one", 1),
        ] {
            assert!(key.open(moved, &sealed).is_err(), "{moved:?}");
        }
        let other = ContentKey::generate().expect("another");
        assert!(other.open(place, &sealed).is_err());
        let mut changed = sealed.clone();
        changed[NONCE_LEN] ^= 1;
        assert!(key.open(place, &changed).is_err());
        assert!(key.open(place, &sealed[..5]).is_err());
    }
}
