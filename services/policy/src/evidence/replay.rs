//! Taking a decision again.

use serde_json::Value;
use thiserror::Error;
use yuhui_kernel::Calendar;

use super::{Evidence, canonical};
use crate::{Law, Pack, determine};

/// How a replay differs from the record.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Mismatch {
    /// The record was decided with other parameters.
    #[error("decided with parameters `{recorded}`, replayed with `{replayed}`")]
    PackVersion {
        /// Version of the record.
        recorded: String,
        /// Version offered.
        replayed: String,
    },
    /// The record was decided by another table of working days.
    #[error("decided by the working days `{recorded}`, replayed by `{replayed}`")]
    Calendar {
        /// Table of the record.
        recorded: String,
        /// Table offered.
        replayed: String,
    },
    /// The rules decide otherwise than recorded.
    #[error("byte {byte}, `{field}`: recorded {recorded}, replayed {replayed}")]
    Determination {
        /// Offset of the first differing byte in the canonical text of the determination.
        byte: usize,
        /// Path of the first differing field, e.g. `findings[3].outcome`.
        field: String,
        /// What the record says there, as JSON; `nothing` if it has no such field.
        recorded: String,
        /// What the rules say there.
        replayed: String,
    },
}

/// Takes the decision again and compares it with the record, byte for byte.
pub fn replay<L: Law>(
    evidence: &Evidence,
    pack: &Pack<L>,
    calendar: &Calendar,
) -> Result<(), Mismatch> {
    if evidence.pack_version != pack.version() {
        return Err(Mismatch::PackVersion {
            recorded: evidence.pack_version.clone(),
            replayed: pack.version().to_owned(),
        });
    }
    let recorded = evidence.calendar.as_ref();
    if let Some(recorded) = recorded.filter(|it| *it != calendar.digest()) {
        return Err(Mismatch::Calendar {
            recorded: recorded.clone(),
            replayed: calendar.digest().to_owned(),
        });
    }
    let again = determine(
        pack,
        calendar,
        &evidence.facts,
        &evidence.claim,
        &evidence.progress,
    );
    let recorded = canonical::bytes(&evidence.determination);
    let replayed = canonical::bytes(&again);
    let common = recorded.iter().zip(&replayed);
    if recorded == replayed {
        return Ok(());
    }
    let byte = common.take_while(|(one, other)| one == other).count();
    let read = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or(Value::Null);
    let (field, recorded, replayed) = first_difference(&read(&recorded), &read(&replayed));
    Err(Mismatch::Determination {
        byte,
        field,
        recorded,
        replayed,
    })
}

/// Path of the first difference and the two values there. Callers know that the two differ.
fn first_difference(recorded: &Value, replayed: &Value) -> (String, String, String) {
    let mut path = String::new();
    let (mut recorded, mut replayed) = (Some(recorded), Some(replayed));
    loop {
        match step(recorded, replayed) {
            Some((name, one, other)) => {
                if !path.is_empty() && !name.starts_with('[') {
                    path.push('.');
                }
                path.push_str(&name);
                (recorded, replayed) = (one, other);
            }
            None => return (path, shown(recorded), shown(replayed)),
        }
    }
}

type Step<'a> = (String, Option<&'a Value>, Option<&'a Value>);

/// One step down to the first differing part, if both sides have parts.
fn step<'a>(recorded: Option<&'a Value>, replayed: Option<&'a Value>) -> Option<Step<'a>> {
    match (recorded?, replayed?) {
        (Value::Object(one), Value::Object(other)) => {
            let names = one.keys().chain(other.keys());
            let mut pairs = names.map(|name| (name.clone(), one.get(name), other.get(name)));
            pairs.find(|(_, one, other)| one != other)
        }
        (Value::Array(one), Value::Array(other)) => {
            let places = 0..one.len().max(other.len());
            let mut pairs = places.map(|at| (format!("[{at}]"), one.get(at), other.get(at)));
            pairs.find(|(_, one, other)| one != other)
        }
        _ => None,
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), ToString::to_string)
}
