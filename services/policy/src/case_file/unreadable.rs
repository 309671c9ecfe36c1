//! What cannot be read of a case, told in the words of the case: who, which field, where.

use serde_json::Value;
use serde_path_to_error::{Error, Segment};

use super::{Brief, Fault, stream::LineColumn};

/// Keys by which an entry names whom or what it is about, the most telling first.
const NAMES: [&str; 10] = [
    "id",
    "person",
    "child",
    "delivery",
    "application",
    "institution",
    "spouses",
    "function",
    "type",
    "mother",
];

/// Longest value repeated, in characters.
const VALUE: usize = 60;

/// The fault of the case `json`, which begins at `at`.
pub(super) fn fault(
    json: &str,
    at: LineColumn,
    index: usize,
    error: &Error<serde_json::Error>,
) -> Fault {
    // The tree lends names only: that a key may stand twice in it does no harm.
    let tree: Value = serde_json::from_str(json).unwrap_or_default();
    let case = named(&tree).unwrap_or_else(|| format!("cases[{index}]"));
    let mut subject = case.clone();
    let mut field: Vec<&str> = Vec::new();
    let mut place = Some(&tree);
    for segment in error.path() {
        place = match segment {
            Segment::Seq { index } => place.and_then(|it| it.get(index)),
            Segment::Map { key } => {
                field.push(key);
                place.and_then(|it| it.get(key))
            }
            Segment::Enum { .. } | Segment::Unknown => place,
        };
        subject = place.and_then(named).unwrap_or(subject);
    }
    let mut message = without_place(error.inner());
    let wanting = ["missing field `", "unknown field `", "duplicate field `"];
    let key = wanting.iter().find_map(|it| message.strip_prefix(it));
    if let Some((key, _)) = key.and_then(|rest| rest.split_once('`'))
        && field.last() != Some(&key)
    {
        field.push(key);
    }
    let field = match field.as_slice() {
        [] => "cases".to_owned(),
        keys => keys.join("."),
    };
    if let Some(value) = place.and_then(plain)
        && !message.contains(&value)
    {
        message = format!("`{}`: {message}", Brief(&value, VALUE));
    }
    Fault {
        case,
        subject,
        field: field.into(),
        message,
        at: Some(place_of(at, error.inner())),
    }
}

/// The message without the place `serde_json` appends.
pub(super) fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.rsplit_once(" at line ") {
        Some((before, _)) => before.to_owned(),
        None => message,
    }
}

fn named(entry: &Value) -> Option<String> {
    NAMES.iter().find_map(|name| match entry.get(name)? {
        Value::Array(several) => several.iter().find_map(plain),
        value => plain(value),
    })
}

/// The words of a value that is neither list nor object.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Line and column in the file of an error inside the case that begins at `at`.
fn place_of((line, column): LineColumn, error: &serde_json::Error) -> LineColumn {
    match error.line() {
        0 | 1 => (line, column - 1 + error.column()),
        further => (line + further - 1, error.column()),
    }
}
