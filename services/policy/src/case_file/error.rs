//! Why a case file was refused.

use std::fmt;

use thiserror::Error;

/// Why a case file was refused. Nothing is loaded from a refused file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CaseFileError {
    /// Not JSON, or not of the schema.
    #[error("line {line}, column {column}, key `{key}`: {message}")]
    Unreadable {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// Path of the key, e.g. `cases[3].persons[1].born_on`.
        key: String,
        /// What is wrong there.
        message: String,
    },
    /// A file of another schema, document, currency or unit.
    #[error("key `{key}` is `{got}`, not `{expected}`")]
    WrongHeader {
        /// Which key.
        key: &'static str,
        /// What it should say.
        expected: &'static str,
        /// What it says.
        got: String,
    },
    /// A file of a document that there is no pack of.
    #[error("key `policy` is `{got}`, not `{expected}`")]
    UnknownPolicy {
        /// The documents there are.
        expected: String,
        /// What it says.
        got: String,
    },
    /// Cases that contradict themselves or refer to nobody.
    #[error("{}", lines(.0))]
    Contradictory(Vec<Contradiction>),
}

/// One contradiction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The case.
    pub case: String,
    /// Person, institution or application concerned.
    pub subject: String,
    /// Field, e.g. `births.children.born_on`.
    pub field: &'static str,
    /// What contradicts what.
    pub message: String,
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            case,
            subject,
            field,
            message,
        } = self;
        write!(f, "case {case}, `{subject}`, field `{field}`: {message}")
    }
}

fn lines(contradictions: &[Contradiction]) -> String {
    let lines: Vec<String> = contradictions.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
