//! The policy pack: one version of a law's parameters (B.4), with its legal basis, its days of
//! force, its proposer and its approver. Rules read parameters from here and nowhere else.

pub(crate) mod alternatives;
mod any;
mod catalogue;
mod error;
mod identity;
pub(crate) mod parameters;
pub(crate) mod value;

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use time::Date;
use yuhui_kernel::dates;

use crate::Law;
use identity::Identity;

pub use alternatives::{
    CancelScope, ChildDeath, CustodySplitScope, FirstDeliveryMultiples, LateFiling, MaritalTest,
    MonthsScope, NationalScheme, ParentsMovedRule, Proration, RecoveryScope, ResidualBearer,
    SameChild, Transition, Upgrade,
};
pub use any::AnyPack;
pub use catalogue::Catalogue;
pub use error::PackError;
pub use parameters::Parameters;
pub use value::{ClassAmounts, HonourAmounts, MonthDay};

/// One version of the parameters of a law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack<L> {
    version: String,
    legal_basis: String,
    effective_from: Date,
    effective_to: Option<Date>,
    proposer: String,
    approver: String,
    /// The parameters, typed.
    pub parameters: L,
}

/// A pack of 包府办发〔2024〕126号.
pub type PolicyPack = Pack<Parameters>;

static BAOTOU: LazyLock<PolicyPack> = LazyLock::new(|| {
    PolicyPack::from_toml(include_str!("../../packs/baotou-2024-126.toml"))
        .expect("the embedded pack is tested")
});

/// Hexadecimal digits of the digest of the overrides in a version.
const VERSION_SUFFIX_DIGITS: usize = 12;

impl PolicyPack {
    /// The embedded pack of 包府办发〔2024〕126号 with the default readings.
    #[must_use]
    pub fn baotou() -> &'static Self {
        &BAOTOU
    }
}

impl<L: Law> Pack<L> {
    /// Reads a pack: a table `[pack]` with its identity and `[parameters.<section>]` with every
    /// parameter of the law. A pack of another law is refused as that.
    pub fn from_toml(text: &str) -> Result<Self, PackError> {
        Self::from_document(&document(text)?)
    }

    /// Reads a version that decided already, as it decided: a parameter that is younger than it has
    /// the value of [`Law::ADDED`].
    pub fn from_stored_toml(text: &str) -> Result<Self, PackError> {
        Self::from_stored(document(text)?)
    }

    fn from_stored(mut document: Map<String, Value>) -> Result<Self, PackError> {
        let sections = document
            .get_mut("parameters")
            .and_then(Value::as_object_mut)
            .ok_or_else(|| PackError::missing("parameters"))?;
        for (name, value) in L::ADDED {
            let (section, key) = name.split_once('.').unwrap_or(("", name));
            let section = sections.entry(section).or_insert_with(|| json!({}));
            if let Value::Object(entries) = section {
                entries.entry(key).or_insert_with(|| json!(value));
            }
        }
        Self::from_document(&document)
    }

    fn from_document(document: &Map<String, Value>) -> Result<Self, PackError> {
        let identity = Identity::read(document)?;
        let policy = identity.policy()?;
        if policy != L::POLICY {
            return Err(PackError::OtherPolicy {
                expected: L::POLICY.key(),
                found: policy.key(),
            });
        }
        let parameters = L::read(&flatten(document)?)?;
        Ok(Self {
            version: identity.text("version")?,
            legal_basis: identity.text("legal_basis")?,
            effective_from: identity
                .date("effective_from")?
                .ok_or_else(|| PackError::missing("pack.effective_from"))?,
            effective_to: identity.date("effective_to")?,
            proposer: identity.text("proposer")?,
            approver: identity.text("approver")?,
            parameters,
        })
        .and_then(Self::checked)
    }

    /// Writes what [`Self::from_toml`] reads; comments of the file it came from are lost.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut identity = Map::new();
        identity.insert("policy".to_owned(), json!(L::POLICY.key()));
        for (key, text) in [
            ("version", &self.version),
            ("legal_basis", &self.legal_basis),
            ("proposer", &self.proposer),
            ("approver", &self.approver),
        ] {
            identity.insert(key.to_owned(), json!(text));
        }
        let from = dates::format(self.effective_from);
        identity.insert("effective_from".to_owned(), json!(from));
        if let Some(to) = self.effective_to.map(dates::format) {
            identity.insert("effective_to".to_owned(), json!(to));
        }
        let document = json!({
            "pack": identity,
            "parameters": unflatten(&self.parameters.to_map()),
        });
        toml::to_string(&document).expect("texts, whole numbers and tables are TOML")
    }

    /// The pack with some parameters replaced, by their dotted names. The version tells which:
    /// it gains a digest of the overrides.
    pub fn with_overrides(&self, overrides: &Map<String, Value>) -> Result<Self, PackError> {
        if overrides.is_empty() {
            return Ok(self.clone());
        }
        let mut values = self.parameters.to_map();
        for (name, value) in overrides {
            let current = values
                .get_mut(name)
                .ok_or_else(|| PackError::Unknown { name: name.clone() })?;
            match (current, value) {
                (Value::Object(current), Value::Object(new)) => {
                    current.extend(new.iter().map(|(key, value)| (key.clone(), value.clone())));
                }
                (current, value) => *current = value.clone(),
            }
        }
        let mut pack = self.clone();
        pack.parameters = L::read(&values)?;
        pack.version = format!("{}+{}", self.version, digest(overrides));
        pack.checked()
    }

    /// Version; decisions keep it.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Document that gives the parameters their force.
    #[must_use]
    pub fn legal_basis(&self) -> &str {
        &self.legal_basis
    }

    /// First day of lodging it applies to.
    #[must_use]
    pub const fn effective_from(&self) -> Date {
        self.effective_from
    }

    /// Last day of lodging it applies to.
    #[must_use]
    pub const fn effective_to(&self) -> Option<Date> {
        self.effective_to
    }

    /// Who proposed it (municipal health).
    #[must_use]
    pub fn proposer(&self) -> &str {
        &self.proposer
    }

    /// Who approved it (municipal finance).
    #[must_use]
    pub fn approver(&self) -> &str {
        &self.approver
    }

    /// Whether a claim lodged on `day` is decided with this version (B.4, R-PRC-9).
    #[must_use]
    pub fn in_force_on(&self, day: Date) -> bool {
        self.effective_from <= day && self.effective_to.is_none_or(|last| day <= last)
    }

    fn checked(self) -> Result<Self, PackError> {
        if self.effective_to.is_some_and(|to| to < self.effective_from) {
            return Err(PackError::Contradiction {
                name: "pack.effective_to".to_owned(),
                why: "it lies before pack.effective_from",
            });
        }
        if self.proposer == self.approver {
            return Err(PackError::Contradiction {
                name: "pack.approver".to_owned(),
                why: "a proposer cannot approve his own pack",
            });
        }
        self.parameters.check()?;
        Ok(self)
    }
}

/// The tables of a pack's file.
fn document(text: &str) -> Result<Map<String, Value>, PackError> {
    let document: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| PackError::Unreadable(error.to_string()))?;
    let Value::Object(document) = value::from_toml(toml::Value::Table(document)) else {
        return Err(PackError::Unreadable("no table".to_owned()));
    };
    for name in document.keys() {
        if name != "pack" && name != "parameters" {
            return Err(PackError::Unknown { name: name.clone() });
        }
    }
    Ok(document)
}

/// `[parameters.<section>]` to dotted names.
fn flatten(document: &Map<String, Value>) -> Result<Map<String, Value>, PackError> {
    let sections = document
        .get("parameters")
        .and_then(Value::as_object)
        .ok_or_else(|| PackError::missing("parameters"))?;
    let mut flat = Map::new();
    for (section, entries) in sections {
        let entries = entries
            .as_object()
            .ok_or_else(|| PackError::wrong(section, "a table", entries))?;
        for (key, value) in entries {
            flat.insert(format!("{section}.{key}"), value.clone());
        }
    }
    Ok(flat)
}

/// Dotted names to `[parameters.<section>]`.
fn unflatten(values: &Map<String, Value>) -> Map<String, Value> {
    let mut sections = Map::new();
    for (name, value) in values {
        let (section, key) = name.split_once('.').unwrap_or(("", name));
        let entries = sections
            .entry(section)
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(entries) = entries {
            entries.insert(key.to_owned(), value.clone());
        }
    }
    sections
}

/// Stable digest of overrides: sorted by name, as compact JSON.
fn digest(overrides: &Map<String, Value>) -> String {
    let sorted: std::collections::BTreeMap<&String, &Value> = overrides.iter().collect();
    let mut hash = Sha256::new();
    for (name, value) in sorted {
        hash.update(format!("{name}={value}\n"));
    }
    let mut text = hex::encode(hash.finalize());
    text.truncate(VERSION_SUFFIX_DIGITS);
    text
}

#[cfg(test)]
mod tests;
