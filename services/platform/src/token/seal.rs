//! Files that leave the system: lines, the last of which is a seal with the signature of the service that wrote them.
//! Whoever has the public keys can tell on any machine, years later, that no byte is another one.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, crypto};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Keyring, Signer, TokenError};

/// The last line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// What the file is: a seal of one kind of file is none of another, nor of a token.
    pub kind: String,
    /// Service that wrote it.
    pub issuer: String,
    /// Id of its key.
    pub kid: String,
    /// Lines before this one.
    pub lines: usize,
    /// SHA-256 of them with their ends, hex.
    pub sha256: String,
    /// Ed25519 over kind, lines and digest, base64url.
    pub signature: String,
}

/// The line as it is written.
#[derive(Serialize, Deserialize)]
struct Line {
    seal: Seal,
}

/// Why a file is not believed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsealed {
    /// It was cut off, or never sealed.
    #[error("the file does not end with a seal")]
    NoSeal,
    /// It is another kind of file, or another service's.
    #[error("the file is sealed as {kind} of {issuer}")]
    Other {
        /// What it is.
        kind: String,
        /// Whose.
        issuer: String,
    },
    /// Lines were changed, added or taken out.
    #[error("the file is not what was sealed")]
    Changed,
    /// The signature is not that of the service.
    #[error("the seal is not the service's: {0}")]
    Signature(#[from] TokenError),
}

impl Seal {
    fn of(kind: &str, signer: &Signer, text: &str) -> Self {
        Self {
            kind: kind.into(),
            issuer: signer.issuer().into(),
            kid: signer.kid().into(),
            lines: text.lines().count(),
            sha256: hex::encode(Sha256::digest(text)),
            signature: String::new(),
        }
    }

    /// What is signed. No token begins like this.
    fn message(&self) -> String {
        let Self {
            kind,
            lines,
            sha256,
            ..
        } = self;
        format!("yuhui sealed file\n{kind}\n{lines}\n{sha256}")
    }
}

/// Seals lines, each of which ends with a line feed.
pub fn seal(signer: &Signer, kind: &str, text: &mut String) -> Result<(), TokenError> {
    let mut seal = Seal::of(kind, signer, text);
    seal.signature = signer.sign(seal.message().as_bytes())?;
    let line = serde_json::to_string(&Line { seal });
    text.push_str(&line.map_err(|error| TokenError::Invalid(error.to_string()))?);
    text.push('\n');
    Ok(())
}

/// The lines of a file of that kind and service, if they are what was sealed.
pub fn unseal<'a>(
    keys: &Keyring,
    issuer: &str,
    kind: &str,
    file: &'a str,
) -> Result<(&'a str, Seal), Unsealed> {
    let body = file.strip_suffix('\n').ok_or(Unsealed::NoSeal)?;
    let start = body.rfind('\n').map_or(0, |it| it + 1);
    let (text, last) = (&file[..start], &body[start..]);
    let Line { seal } = serde_json::from_str(last).map_err(|_| Unsealed::NoSeal)?;
    if seal.kind != kind || seal.issuer != issuer {
        return Err(Unsealed::Other {
            kind: seal.kind,
            issuer: seal.issuer,
        });
    }
    if seal.lines != text.lines().count() || seal.sha256 != hex::encode(Sha256::digest(text)) {
        return Err(Unsealed::Changed);
    }
    let key = keys.key(&seal.kid, issuer)?;
    verified(&seal, &key)?;
    Ok((text, seal))
}

fn verified(seal: &Seal, key: &DecodingKey) -> Result<(), TokenError> {
    let message = seal.message();
    match crypto::verify(&seal.signature, message.as_bytes(), key, Algorithm::EdDSA) {
        Ok(true) => Ok(()),
        Ok(false) => Err(TokenError::Invalid("another signature".into())),
        Err(error) => Err(TokenError::Invalid(error.to_string())),
    }
}

/// Signs a message.
pub(super) fn sign(message: &[u8], key: &EncodingKey) -> Result<String, TokenError> {
    crypto::sign(message, key, Algorithm::EdDSA)
        .map_err(|error| TokenError::Invalid(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "case file";

    fn sealed(signer: &Signer) -> String {
        let mut text = "{\"a\":1}\n{\"b\":2}\n".to_owned();
        seal(signer, KIND, &mut text).expect("sealed");
        text
    }

    #[test]
    fn what_was_sealed_is_read_again() {
        let signer = Signer::generate("eligibility").expect("a key");
        let keys = Keyring::new().trust(&signer);
        let file = sealed(&signer);
        let (text, seal) = unseal(&keys, "eligibility", KIND, &file).expect("whole");
        assert_eq!((text, seal.lines), ("{\"a\":1}\n{\"b\":2}\n", 2));
    }

    #[test]
    fn what_is_another_byte_is_refused() {
        let signer = Signer::generate("eligibility").expect("a key");
        let keys = Keyring::new().trust(&signer);
        let file = sealed(&signer);
        let open = |file: &str| unseal(&keys, "eligibility", KIND, file).map(|it| it.1.lines);
        assert_eq!(open(&file.replace("1", "3")), Err(Unsealed::Changed));
        assert_eq!(
            open(&file.replacen("{\"a\":1}\n", "", 1)),
            Err(Unsealed::Changed)
        );
        assert_eq!(open("{\"a\":1}\n"), Err(Unsealed::NoSeal));
        assert_eq!(open(file.trim_end()), Err(Unsealed::NoSeal));
        assert_eq!(open(""), Err(Unsealed::NoSeal));
        // Sealed anew by somebody else.
        let other = Signer::generate("eligibility").expect("a key");
        let forged = Err(Unsealed::Signature(TokenError::UnknownKey));
        assert_eq!(open(&sealed(&other)), forged);
        let kid = file.replace(signer.kid(), other.kid());
        assert_eq!(open(&kid), forged);
        let neighbour = Signer::generate("registry-verification").expect("a key");
        let (both, file_of) = (keys.clone().trust(&neighbour), sealed(&neighbour));
        let other = unseal(&both, "eligibility", KIND, &file_of);
        assert!(matches!(other, Err(Unsealed::Other { .. })));
        let receipt = unseal(&keys, "eligibility", "receipt", &file);
        assert!(matches!(receipt, Err(Unsealed::Other { .. })));
    }
}
