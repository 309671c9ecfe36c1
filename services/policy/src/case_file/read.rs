//! Reading a case file.

use serde::Deserialize;

use super::{CaseFile, CaseFileError, validate::contradictions};
use crate::Policy;

const SCHEMA: &str = "baotou-policy-cases/1";
const CURRENCY: &str = "CNY";
const AMOUNT_UNIT: &str = "fen";

/// Read before the rest, so that a file of another schema is called that and nothing else.
#[derive(Deserialize)]
struct Header {
    schema: String,
}

impl CaseFile {
    /// Reads a file: all of it, or nothing with the place and the reason.
    pub fn parse(text: &str) -> Result<Self, CaseFileError> {
        let header: Header = read(text)?;
        expect("schema", SCHEMA, &header.schema)?;
        let file: Self = read(text)?;
        let policy = Policy::of_document(&file.policy).ok_or_else(|| {
            let documents = Policy::ALL.map(Policy::document);
            CaseFileError::UnknownPolicy {
                expected: documents.join("` or `"),
                got: file.policy.clone(),
            }
        })?;
        expect("currency", CURRENCY, &file.currency)?;
        expect("amount_unit", AMOUNT_UNIT, &file.amount_unit)?;
        let contradictions = contradictions(&file, policy);
        if contradictions.is_empty() {
            Ok(file)
        } else {
            Err(CaseFileError::Contradictory(contradictions))
        }
    }
}

impl CaseFile {
    /// The law its cases are of.
    #[must_use]
    pub fn law(&self) -> Policy {
        // A file of no known law was refused when it was read.
        Policy::of_document(&self.policy).unwrap_or(Policy::Baotou126)
    }
}

fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, CaseFileError> {
    let unreadable = |key: String, error: &serde_json::Error| CaseFileError::Unreadable {
        line: error.line(),
        column: error.column(),
        key,
        message: without_place(&error.to_string()),
    };
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| unreadable(error.path().to_string(), error.inner()))?;
    reader
        .end()
        .map_err(|error| unreadable(".".to_owned(), &error))?;
    Ok(value)
}

/// The message without the place `serde_json` appends: the error carries the place itself.
fn without_place(message: &str) -> String {
    message
        .rsplit_once(" at line ")
        .map_or(message, |(before, _)| before)
        .to_owned()
}

fn expect(key: &'static str, expected: &'static str, got: &str) -> Result<(), CaseFileError> {
    if got == expected {
        return Ok(());
    }
    Err(CaseFileError::WrongHeader {
        key,
        expected,
        got: got.to_owned(),
    })
}
