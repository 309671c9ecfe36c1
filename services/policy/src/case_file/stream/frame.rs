//! What a case file says of itself.

use super::CaseFileError;
use crate::Policy;

const SCHEMA: &str = "baotou-policy-cases/1";
const CURRENCY: &str = "CNY";
const AMOUNT_UNIT: &str = "fen";

/// The keys of a file beside its cases.
pub(super) const HEADER: [&str; 5] = ["schema", "policy", "set", "currency", "amount_unit"];

/// What a case file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The law its cases are of.
    pub law: Policy,
    /// Name of the set.
    pub set: String,
}

/// The header as far as it is read.
#[derive(Default)]
pub(super) struct Frame {
    said: [Option<String>; 5],
    /// The first key that no file has. A file of another schema is called that and nothing else, so
    /// this is told only when the schema is known.
    strange: Option<CaseFileError>,
}

impl Frame {
    /// Takes note of the value of a key; false if it was said before.
    pub(super) fn says(&mut self, key: usize, value: String) -> Result<bool, CaseFileError> {
        if key == 0 {
            expect("schema", SCHEMA, &value)?;
        }
        let place = self.said.get_mut(key);
        Ok(place.is_some_and(|place| place.replace(value).is_none()))
    }

    /// Takes note of a key that no file has.
    pub(super) fn is_strange(&mut self, error: CaseFileError) {
        self.strange.get_or_insert(error);
    }

    /// The header, once all of it is read.
    pub(super) fn header(&self) -> Result<Option<Header>, CaseFileError> {
        if let (Some(error), [Some(_), ..]) = (&self.strange, &self.said) {
            return Err(error.clone());
        }
        let [Some(_), Some(policy), Some(set), Some(currency), Some(unit)] = &self.said else {
            return Ok(None);
        };
        let law = Policy::of_document(policy).ok_or_else(|| {
            let documents = Policy::ALL.map(Policy::document);
            CaseFileError::UnknownPolicy {
                expected: documents.join("` or `"),
                got: policy.clone(),
            }
        })?;
        expect("currency", CURRENCY, currency)?;
        expect("amount_unit", AMOUNT_UNIT, unit)?;
        Ok(Some(Header {
            law,
            set: set.clone(),
        }))
    }

    /// The first key that is missing.
    pub(super) fn missing(&self) -> String {
        let mut keys = HEADER.iter().zip(&self.said);
        let missing = keys.find(|(_, said)| said.is_none());
        format!("missing field `{}`", missing.map_or("", |(key, _)| key))
    }
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
