//! Why a pack was refused.

use serde_json::Value;
use thiserror::Error;
use time::Date;

/// Why a pack, or overrides of one, were refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PackError {
    /// Not TOML.
    #[error("the pack is not readable: {0}")]
    Unreadable(String),
    /// A pack of another law.
    #[error("it is a pack of `{found}`, not of `{expected}`")]
    OtherPolicy {
        /// Key of the law whose pack was wanted.
        expected: &'static str,
        /// Key of the law it is of.
        found: &'static str,
    },
    /// No such parameter.
    #[error("`{name}` is no parameter")]
    Unknown {
        /// Dotted name.
        name: String,
    },
    /// A parameter, or part of the pack's identity (such as its legal basis), is missing or empty.
    #[error("`{name}` is missing")]
    Missing {
        /// Dotted name.
        name: String,
    },
    /// A value of the wrong type, or none of the alternatives.
    #[error("`{name}` must be {expected}, not `{found}`")]
    WrongType {
        /// Dotted name.
        name: String,
        /// What it must be.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// A date that does not exist or is not written `YYYY-MM-DD`.
    #[error("`{name}`: `{text}` is not a date written YYYY-MM-DD")]
    BadDate {
        /// Dotted name.
        name: String,
        /// What stands there.
        text: String,
    },
    /// Values that contradict one another or are out of range.
    #[error("`{name}` cannot hold: {why}")]
    Contradiction {
        /// Dotted name.
        name: String,
        /// Why.
        why: &'static str,
    },
    /// Two versions for the same day of lodging.
    #[error("`{version}` and `{other}` would both be in force on {day}")]
    Overlap {
        /// The later version.
        version: String,
        /// The earlier version.
        other: String,
        /// First day of both.
        day: Date,
    },
    /// Two versions of one name.
    #[error("there is a version `{version}` already")]
    SameVersion {
        /// The name.
        version: String,
    },
}

impl PackError {
    pub(crate) fn missing(name: &str) -> Self {
        Self::Missing {
            name: name.to_owned(),
        }
    }

    pub(crate) fn wrong(name: &str, expected: &str, found: &Value) -> Self {
        Self::WrongType {
            name: name.to_owned(),
            expected: expected.to_owned(),
            found: found
                .as_str()
                .map_or_else(|| found.to_string(), str::to_owned),
        }
    }
}
