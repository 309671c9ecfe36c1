//! Who a pack is: law, version, legal basis, days of force, proposer and approver.

use serde_json::{Map, Value};
use time::Date;
use yuhui_kernel::dates;

use super::PackError;
use crate::Policy;

/// The table `[pack]`.
pub(super) struct Identity<'a>(&'a Map<String, Value>);

impl<'a> Identity<'a> {
    const KEYS: [&'static str; 7] = [
        "policy",
        "version",
        "legal_basis",
        "effective_from",
        "effective_to",
        "proposer",
        "approver",
    ];

    pub(super) fn read(document: &'a Map<String, Value>) -> Result<Self, PackError> {
        let table = document
            .get("pack")
            .and_then(Value::as_object)
            .ok_or_else(|| PackError::missing("pack"))?;
        for key in table.keys() {
            if !Self::KEYS.contains(&key.as_str()) {
                return Err(PackError::Unknown {
                    name: format!("pack.{key}"),
                });
            }
        }
        Ok(Self(table))
    }

    /// Which law's parameters they are; 126号 if the file does not say.
    pub(super) fn policy(&self) -> Result<Policy, PackError> {
        let Some(value) = self.0.get("policy") else {
            return Ok(Policy::Baotou126);
        };
        value.as_str().and_then(Policy::of_key).ok_or_else(|| {
            let keys: Vec<&str> = Policy::ALL.iter().map(|policy| policy.key()).collect();
            PackError::wrong("pack.policy", &keys.join(" or "), value)
        })
    }

    pub(super) fn text(&self, key: &str) -> Result<String, PackError> {
        let name = format!("pack.{key}");
        match self.0.get(key) {
            None => Err(PackError::Missing { name }),
            Some(Value::String(text)) if text.trim().is_empty() => Err(PackError::Missing { name }),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(found) => Err(PackError::wrong(&name, "text", found)),
        }
    }

    pub(super) fn date(&self, key: &str) -> Result<Option<Date>, PackError> {
        let name = format!("pack.{key}");
        match self.0.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => {
                dates::parse(text)
                    .map(Some)
                    .map_err(|error| PackError::BadDate {
                        name,
                        text: error.text,
                    })
            }
            Some(found) => Err(PackError::wrong(&name, "a date", found)),
        }
    }
}
