//! Reading a case file: each case by itself, so that one that is refused hides none of the others.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Case, CaseFile, CaseFileError, Fault, unreadable, validate};
use crate::Policy;

const SCHEMA: &str = "baotou-policy-cases/1";
const CURRENCY: &str = "CNY";
const AMOUNT_UNIT: &str = "fen";

/// Read before the rest, so that a file of another schema is called that and nothing else.
#[derive(Deserialize)]
struct Header {
    schema: String,
}

/// The file, with its cases as they stand in it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Frame<'a> {
    schema: String,
    policy: String,
    set: String,
    currency: String,
    amount_unit: String,
    #[serde(borrow)]
    cases: Vec<&'a RawValue>,
}

impl CaseFile {
    /// Reads a file: all of it, or nothing with every fault of every case.
    pub fn parse(text: &str) -> Result<Self, CaseFileError> {
        let (file, faults) = Self::sift(text)?;
        if faults.is_empty() {
            Ok(file)
        } else {
            Err(CaseFileError::Faulty(faults))
        }
    }

    /// Reads the cases that can be read and contradict nothing; tells what is wrong with the others,
    /// in the order of the file.
    pub fn sift(text: &str) -> Result<(Self, Vec<Fault>), CaseFileError> {
        // Some editors begin a file with a byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let header: Header = read(text)?;
        expect("schema", SCHEMA, &header.schema)?;
        let frame: Frame<'_> = read(text)?;
        let policy = Policy::of_document(&frame.policy).ok_or_else(|| {
            let documents = Policy::ALL.map(Policy::document);
            CaseFileError::UnknownPolicy {
                expected: documents.join("` or `"),
                got: frame.policy.clone(),
            }
        })?;
        expect("currency", CURRENCY, &frame.currency)?;
        expect("amount_unit", AMOUNT_UNIT, &frame.amount_unit)?;
        let (cases, faults) = sift(text, &frame.cases, policy);
        let file = Self {
            schema: frame.schema,
            policy: frame.policy,
            set: frame.set,
            currency: frame.currency,
            amount_unit: frame.amount_unit,
            cases,
        };
        Ok((file, faults))
    }

    /// The law its cases are of.
    #[must_use]
    pub fn law(&self) -> Policy {
        // A file of no known law was refused when it was read.
        Policy::of_document(&self.policy).unwrap_or(Policy::Baotou126)
    }
}

fn sift(text: &str, cases: &[&RawValue], policy: Policy) -> (Vec<Case>, Vec<Fault>) {
    let (mut good, mut faults) = (Vec::new(), Vec::new());
    let mut ids = BTreeSet::new();
    for (index, json) in cases.iter().map(|raw| raw.get()).enumerate() {
        let mut reader = serde_json::Deserializer::from_str(json);
        let read: Result<Case, _> = serde_path_to_error::deserialize(&mut reader);
        match read {
            Err(error) => faults.push(unreadable::fault(text, json, index, &error)),
            Ok(case) => {
                let first = ids.insert(case.id.clone());
                let found = validate::contradictions(&case, first, policy);
                if found.is_empty() {
                    good.push(case);
                } else {
                    faults.extend(found);
                }
            }
        }
    }
    (good, faults)
}

fn read<'de, T: Deserialize<'de>>(text: &'de str) -> Result<T, CaseFileError> {
    let unreadable = |key: String, error: &serde_json::Error| CaseFileError::Unreadable {
        line: error.line(),
        column: error.column(),
        key,
        message: unreadable::without_place(error),
    };
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| unreadable(error.path().to_string(), error.inner()))?;
    reader
        .end()
        .map_err(|error| unreadable(".".to_owned(), &error))?;
    Ok(value)
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
