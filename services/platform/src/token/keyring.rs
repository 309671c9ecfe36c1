//! The believing half: public keys, each bound to its issuer.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, Weak},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use moka::sync::Cache;

use super::{Claims, Signer, TokenError, signer::kid};
use crate::clock;

/// Clocks of two machines may differ by this much.
pub(super) const LEEWAY_SECONDS: i64 = 5;
/// Longest a verification is remembered.
const REMEMBERED: Duration = Duration::from_secs(300);
/// Most verifications remembered.
const REMEMBERED_MAX: u64 = 20_000;
/// Longest token that is looked at, in bytes.
const TOKEN_MAX: usize = 4096;

/// The public keys believed, each bound to the one issuer that may use it. Clones are the same ring:
/// what one believes, all do.
#[derive(Clone, Default)]
pub struct Keyring(Arc<RwLock<Arc<Keys>>>);

/// A ring that may be gone.
pub(super) struct Held(Weak<RwLock<Arc<Keys>>>);

/// Keys, and what was verified with these and no others.
struct Keys {
    trusted: HashMap<String, TrustedKey>,
    /// Signature, form and issuer of these tokens were found right.
    seen: Cache<String, Arc<Claims>>,
}

#[derive(Clone)]
struct TrustedKey {
    issuer: String,
    public: Vec<u8>,
    key: DecodingKey,
}

impl Default for Keys {
    fn default() -> Self {
        Self::of(HashMap::new())
    }
}

impl Keys {
    fn of(trusted: HashMap<String, TrustedKey>) -> Self {
        let seen = Cache::builder()
            .max_capacity(REMEMBERED_MAX)
            .time_to_live(REMEMBERED)
            .build();
        Self { trusted, seen }
    }
}

fn insert(trusted: &mut HashMap<String, TrustedKey>, issuer: &str, public: Vec<u8>) {
    let key = TrustedKey {
        issuer: issuer.into(),
        key: DecodingKey::from_ed_der(&public),
        public,
    };
    trusted.insert(kid(&key.public), key);
}

impl Held {
    pub(super) fn upgrade(&self) -> Option<Keyring> {
        self.0.upgrade().map(Keyring)
    }
}

impl Keyring {
    /// Believes nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn of(trusted: HashMap<String, TrustedKey>) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(Keys::of(trusted)))))
    }

    fn keys(&self) -> Arc<Keys> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn downgrade(&self) -> Held {
        Held(Arc::downgrade(&self.0))
    }

    /// Another ring that believes `signer` as well.
    #[must_use]
    pub fn trust(self, signer: &Signer) -> Self {
        let mut trusted = self.keys().trusted.clone();
        insert(&mut trusted, signer.issuer(), signer.public.clone());
        Self::of(trusted)
    }

    /// Believes what `other` does, and nothing else, from now on.
    pub fn replace(&self, other: &Self) {
        let keys = other.keys();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// Whether tokens of `signer` are believed.
    #[must_use]
    pub fn trusts(&self, signer: &Signer) -> bool {
        let keys = self.keys();
        let key = keys.trusted.get(signer.kid());
        key.is_some_and(|it| it.issuer == signer.issuer())
    }

    /// The public keys as a JSON Web Key Set; `iss` names each key's issuer.
    #[must_use]
    pub fn jwks(&self) -> serde_json::Value {
        let held = self.keys();
        let mut keys: Vec<_> = held.trusted.iter().collect();
        keys.sort_by_key(|(kid, _)| *kid);
        let keys: Vec<_> = keys
            .into_iter()
            .map(|(kid, trusted)| {
                serde_json::json!({
                    "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
                    "kid": kid, "iss": trusted.issuer, "x": URL_SAFE_NO_PAD.encode(&trusted.public),
                })
            })
            .collect();
        serde_json::json!({ "keys": keys })
    }

    /// Believes every key of a set written by [`Keyring::jwks`].
    pub fn from_jwks(set: &serde_json::Value) -> Result<Self, TokenError> {
        let mut trusted = HashMap::new();
        let keys = set["keys"].as_array().ok_or(TokenError::BadKey)?;
        for key in keys {
            let issuer = key["iss"].as_str().ok_or(TokenError::BadKey)?;
            let x = key["x"].as_str().ok_or(TokenError::BadKey)?;
            let public = URL_SAFE_NO_PAD.decode(x).map_err(|_| TokenError::BadKey)?;
            if public.len() != 32 {
                return Err(TokenError::BadKey);
            }
            insert(&mut trusted, issuer, public);
        }
        Ok(Self::of(trusted))
    }

    /// The public key of that id, if it is the issuer's.
    pub(super) fn key(&self, kid: &str, issuer: &str) -> Result<DecodingKey, TokenError> {
        let keys = self.keys();
        let trusted = keys.trusted.get(kid).ok_or(TokenError::UnknownKey)?;
        match trusted.issuer == issuer {
            true => Ok(trusted.key.clone()),
            false => Err(TokenError::WrongIssuer),
        }
    }

    /// What `token` says, if it is for `audience`, signed by one of `issuers`
    /// and alive.
    pub fn verify(
        &self,
        token: &str,
        audience: &str,
        issuers: &[&str],
    ) -> Result<Claims, TokenError> {
        if token.len() > TOKEN_MAX {
            return Err(TokenError::Malformed);
        }
        let keys = self.keys();
        let claims = match keys.seen.get(token) {
            Some(claims) => claims,
            None => {
                let claims = Arc::new(keys.read(token)?);
                keys.seen.insert(token.to_owned(), claims.clone());
                claims
            }
        };
        if claims.exp + LEEWAY_SECONDS <= clock::real_now().unix_timestamp() {
            return Err(TokenError::Expired);
        }
        if claims.aud != audience {
            return Err(TokenError::Invalid("wrong audience".into()));
        }
        if !issuers.contains(&claims.iss.as_str()) {
            return Err(TokenError::WrongIssuer);
        }
        Ok((*claims).clone())
    }
}

impl Keys {
    /// Checks what does not change with time or place: the signature, and that
    /// the issuer is the one the key belongs to.
    fn read(&self, token: &str) -> Result<Claims, TokenError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Malformed)?;
        let trusted = header
            .kid
            .and_then(|kid| self.trusted.get(&kid))
            .ok_or(TokenError::UnknownKey)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        validation.set_issuer(&[&trusted.issuer]);
        // Life and audience are judged on every use, in `verify`.
        validation.validate_exp = false;
        validation.validate_aud = false;
        jsonwebtoken::decode::<Claims>(token, &trusted.key, &validation)
            .map(|data| data.claims)
            .map_err(|error| TokenError::Invalid(error.to_string()))
    }
}
