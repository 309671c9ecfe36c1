//! Why a case file was refused, or cases of it.

use std::{borrow::Cow, fmt};

use thiserror::Error;

use super::Brief;

/// Longest name printed, in characters.
const NAME: usize = 100;
/// Longest explanation printed, in characters.
const MESSAGE: usize = 300;

/// Why a case file was refused. Nothing is loaded from a refused file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CaseFileError {
    /// Not JSON, or not a file of the schema. What is wrong inside a case is a [`Fault`].
    #[error(
        "line {line}, column {column}, key `{}`: {}",
        Brief(key, NAME),
        Brief(message, MESSAGE)
    )]
    Unreadable {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// Path of the key, e.g. `cases[3]`.
        key: String,
        /// What is wrong there.
        message: String,
    },
    /// A file of another schema, document, currency or unit.
    #[error("key `{key}` is `{}`, not `{expected}`", Brief(got, NAME))]
    WrongHeader {
        /// Which key.
        key: &'static str,
        /// What it should say.
        expected: &'static str,
        /// What it says.
        got: String,
    },
    /// A file of a document that there is no pack of.
    #[error("key `policy` is `{}`, not `{expected}`", Brief(got, NAME))]
    UnknownPolicy {
        /// The documents there are.
        expected: String,
        /// What it says.
        got: String,
    },
    /// Cases that cannot be read, contradict themselves or refer to nobody.
    #[error("{}", lines(.0))]
    Faulty(Vec<Fault>),
}

/// What is wrong with a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The case; `cases[3]` if it has no id.
    pub case: String,
    /// Person, institution, application or event concerned; else the case itself.
    pub subject: String,
    /// Field, e.g. `births.children.born_on`.
    pub field: Cow<'static, str>,
    /// What cannot be read there, or contradicts what.
    pub message: String,
    /// Line and column, from 1, of what cannot be read.
    pub at: Option<(usize, usize)>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            case,
            subject,
            field,
            message,
            at,
        } = self;
        let [case, subject, field] = [case, subject, &**field].map(|it| Brief(it, NAME));
        let message = Brief(message, MESSAGE);
        write!(f, "case {case}, `{subject}`, field `{field}`: {message}")?;
        at.map_or(Ok(()), |(line, column)| {
            write!(f, " (line {line}, column {column})")
        })
    }
}

fn lines(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
