//! Evidence: everything a decision rested on, so that it can be taken again years later, on a
//! machine without the database, and must come out byte for byte the same (B.2).

mod canonical;
pub mod file;
mod replay;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};
use thiserror::Error;
use yuhui_kernel::Calendar;

pub use replay::{Mismatch, replay};

use crate::{Claim, Determination, Facts, Progress};

/// A decision with all it rested on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Facts, with the registers' answers.
    pub facts: Facts,
    /// The claim.
    pub claim: Claim,
    /// How far the case had come.
    pub progress: Progress,
    /// Version of the parameters.
    pub pack_version: String,
    /// Which table of working days ([`Calendar::digest`]): a later notice of the State Council moves
    /// no last day that was decided. Older evidence names none and rests on the earliest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
    /// What was decided.
    pub determination: Determination,
}

/// Evidence that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}, column {column}, key `{key}`: {message}")]
pub struct EvidenceError {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// Path of the key.
    pub key: String,
    /// What is wrong there.
    pub message: String,
}

impl Evidence {
    /// The evidence of a determination.
    #[must_use]
    pub fn of(
        facts: Facts,
        claim: Claim,
        progress: Progress,
        calendar: &Calendar,
        determination: Determination,
    ) -> Self {
        Self {
            facts,
            claim,
            progress,
            pack_version: determination.pack_version.clone(),
            calendar: Some(calendar.digest().to_owned()),
            determination,
        }
    }

    /// Reads what [`Self::to_json`] wrote.
    pub fn from_json(text: &str) -> Result<Self, EvidenceError> {
        read_json(text)
    }

    /// Writes it for people and for another machine.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect(canonical::ALWAYS_WRITABLE)
    }

    /// SHA-256 of the canonical bytes, in hexadecimal.
    #[must_use]
    pub fn hash(&self) -> String {
        hash(
            &self.facts,
            &self.claim,
            &self.progress,
            self.calendar.as_deref(),
            &self.determination,
        )
    }
}

fn read_json<T: DeserializeOwned>(text: &str) -> Result<T, EvidenceError> {
    let mut reader = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| EvidenceError {
        line: error.inner().line(),
        column: error.inner().column(),
        key: error.path().to_string(),
        message: error.inner().to_string(),
    })
}

impl Determination {
    /// One text for one determination: what is stored of it, and compared byte by byte.
    #[must_use]
    pub fn canonical_bytes(&self) -> Vec<u8> {
        canonical::bytes(self)
    }
}

/// One text for one decision: compact JSON in the order of the types, with the lists of facts
/// sorted, so that the order in which registers answered never matters.
#[must_use]
pub fn canonical_bytes(
    facts: &Facts,
    claim: &Claim,
    progress: &Progress,
    calendar: Option<&str>,
    determination: &Determination,
) -> Vec<u8> {
    #[derive(Serialize)]
    struct Record<'a> {
        facts: Facts,
        claim: &'a Claim,
        progress: &'a Progress,
        determination: &'a Determination,
        #[serde(skip_serializing_if = "Option::is_none")]
        calendar: Option<&'a str>,
    }
    canonical::bytes(&Record {
        facts: canonical::facts(facts),
        claim,
        progress,
        determination,
        calendar,
    })
}

/// SHA-256 of [`canonical_bytes`], in hexadecimal.
#[must_use]
pub fn hash(
    facts: &Facts,
    claim: &Claim,
    progress: &Progress,
    calendar: Option<&str>,
    determination: &Determination,
) -> String {
    let bytes = canonical_bytes(facts, claim, progress, calendar, determination);
    sha256(&bytes)
}

/// SHA-256 of the facts alone, in hexadecimal. Who answered, and when, is left out: the digest
/// changes only when a fact does.
#[must_use]
pub fn fact_sheet_digest(facts: &Facts) -> String {
    let mut sheet = canonical::facts(facts);
    sheet.answers.clear();
    sha256(&canonical::bytes(&sheet))
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
