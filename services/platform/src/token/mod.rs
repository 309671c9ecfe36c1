//! Signed statements of who calls: EdDSA JSON Web Tokens.
//!
//! The gateway signs sessions (audience `yuhui`) and, for each request it lets
//! through, a short-lived token for the service behind it (audience = the
//! service). A service that calls another signs for itself. Life of tokens is
//! real time, never business time.

mod follow;
mod keyring;
mod seal;
mod signer;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use keyring::Keyring;
pub use seal::{Seal, Unsealed, seal, unseal};
pub use signer::Signer;

use crate::clock;

/// What a token says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who signed: `gateway` or a service.
    pub iss: String,
    /// Whom it is for: `yuhui` (a session) or a service.
    pub aud: String,
    /// Account; `service:NAME` for jobs.
    pub sub: String,
    /// End of life, real time, seconds since 1970.
    pub exp: i64,
    /// Signed at, real time, seconds since 1970.
    pub iat: i64,
    /// Id of the token.
    pub jti: String,
    /// Session the token belongs to; revoking it ends them all.
    #[serde(default)]
    pub sid: String,
    /// Name of the account's holder.
    #[serde(default)]
    pub name: String,
    /// Name of the role in the contract, e.g. `ROLE_VILLAGE_CLERK`.
    #[serde(default)]
    pub role: String,
    /// Division code of the unit; empty where there is none.
    #[serde(default)]
    pub unit: String,
    /// Blind index of the holder's citizen number or credit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// Service that calls on the account's behalf or for a job.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    /// Whom the account acts for (DYN-7); role and unit are his.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<Principal>,
    /// The emergency access the account reads under (DYN-8): it changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub glass: Option<String>,
}

/// Whom a deputy acts for (DYN-7).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Principal {
    /// His account.
    pub account: String,
    /// His name.
    pub name: String,
    /// Blind index of his citizen number.
    pub person: Option<String>,
}

impl Claims {
    /// These claims, signed now for `audience` and valid for `life`.
    #[must_use]
    pub fn lasting(mut self, audience: &str, life: Duration) -> Self {
        let now = clock::real_now().unix_timestamp();
        self.aud = audience.into();
        self.iat = now;
        self.exp = now.saturating_add(i64::try_from(life.as_secs()).unwrap_or(0));
        self.jti = clock::fresh_id().to_string();
        self
    }
}

/// Why a token is not believed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Too long or no token at all.
    #[error("the token is malformed")]
    Malformed,
    /// Signed with a key that is not trusted.
    #[error("the token's key is unknown")]
    UnknownKey,
    /// Signed by somebody who may not sign for this.
    #[error("the token's issuer is not accepted here")]
    WrongIssuer,
    /// Signature, audience or form is wrong.
    #[error("the token is invalid: {0}")]
    Invalid(String),
    /// Its life is over.
    #[error("the token has expired")]
    Expired,
    /// A private key that cannot be read.
    #[error("the private key is not an Ed25519 key in PKCS#8")]
    BadKey,
}

impl From<TokenError> for crate::Error {
    fn from(error: TokenError) -> Self {
        Self::Fault(error.into())
    }
}

#[cfg(test)]
mod tests;
