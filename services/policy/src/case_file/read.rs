//! Reading a case file.

use serde::Deserialize;

use super::{CaseFile, CaseFileError, validate::contradictions};

const SCHEMA: &str = "baotou-policy-cases/1";
const POLICY: &str = "包府办发〔2024〕126号";
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
        expect("policy", POLICY, &file.policy)?;
        expect("currency", CURRENCY, &file.currency)?;
        expect("amount_unit", AMOUNT_UNIT, &file.amount_unit)?;
        let contradictions = contradictions(&file);
        if contradictions.is_empty() {
            Ok(file)
        } else {
            Err(CaseFileError::Contradictory(contradictions))
        }
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
