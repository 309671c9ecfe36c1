//! The signing half: a private key and whose it is.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use ring::{
    rand::{SecureRandom, SystemRandom},
    signature::{Ed25519KeyPair, KeyPair},
};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::{Digest, Sha256};

use super::{Claims, TokenError};

/// PKCS#8 version 1 framing of an Ed25519 seed (RFC 8410): the seed follows.
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
const PEM_BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const PEM_END: &str = "-----END PRIVATE KEY-----";

/// A private key and the name it signs under.
pub struct Signer {
    issuer: String,
    kid: String,
    pub(super) public: Vec<u8>,
    pkcs8: SecretSlice<u8>,
    key: EncodingKey,
}

impl Signer {
    /// A new key for `issuer`.
    pub fn generate(issuer: &str) -> Result<Self, TokenError> {
        let mut seed = [0_u8; 32];
        SystemRandom::new()
            .fill(&mut seed)
            .map_err(|_| TokenError::BadKey)?;
        Self::from_seed(issuer, &seed)
    }

    /// A key stored by [`Signer::to_pem`] or made by `openssl genpkey -algorithm ed25519`.
    pub fn from_pem(issuer: &str, pem: &str) -> Result<Self, TokenError> {
        let body: String = pem
            .trim()
            .strip_prefix(PEM_BEGIN)
            .and_then(|rest| rest.strip_suffix(PEM_END))
            .ok_or(TokenError::BadKey)?
            .split_whitespace()
            .collect();
        let der = STANDARD.decode(body).map_err(|_| TokenError::BadKey)?;
        let seed = der
            .strip_prefix(PKCS8.as_slice())
            .ok_or(TokenError::BadKey)?;
        Self::from_seed(issuer, seed)
    }

    fn from_seed(issuer: &str, seed: &[u8]) -> Result<Self, TokenError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| TokenError::BadKey)?;
        let public = pair.public_key().as_ref().to_vec();
        let pkcs8 = [PKCS8.as_slice(), seed].concat();
        Ok(Self {
            issuer: issuer.into(),
            kid: kid(&public),
            key: EncodingKey::from_ed_der(&pkcs8),
            public,
            pkcs8: pkcs8.into(),
        })
    }

    /// The private key, to be kept in a secret file.
    #[must_use]
    pub fn to_pem(&self) -> SecretString {
        let body = STANDARD.encode(self.pkcs8.expose_secret());
        format!("{PEM_BEGIN}\n{body}\n{PEM_END}\n").into()
    }

    /// The name it signs under.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Id of the key.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Signs what is no token.
    pub(super) fn sign(&self, message: &[u8]) -> Result<String, TokenError> {
        super::seal::sign(message, &self.key)
    }

    /// Signs `claims` under the issuer's own name, whatever they say.
    pub fn mint(&self, claims: &Claims) -> Result<String, TokenError> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.kid.clone());
        let claims = Claims {
            iss: self.issuer.clone(),
            ..claims.clone()
        };
        jsonwebtoken::encode(&header, &claims, &self.key)
            .map_err(|error| TokenError::Invalid(error.to_string()))
    }
}

/// Id of a public key: the first 16 hex digits of its SHA-256.
pub(super) fn kid(public: &[u8]) -> String {
    let mut id = hex::encode(Sha256::digest(public));
    id.truncate(16);
    id
}
