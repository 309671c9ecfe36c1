//! The only code that knows how payments are kept. Every function works
//! within one transaction, which is bound to one county.

pub mod batches;
pub mod fund;
pub mod lines;
pub mod orders;
pub mod pages;
pub mod reports;
pub mod standing;

use sea_orm::UpdateResult;
use serde::{Serialize, de::DeserializeOwned};
use yuhui_platform::{Error, Result, audit::Kept, refusal};

/// What stays for good once it was acknowledged.
pub const KEPT: &[Kept] = &[
    Kept {
        collection: "paymentOrders",
        table: "payment_orders",
        uuid: true,
    },
    Kept {
        collection: "paymentLines",
        table: "payment_lines",
        uuid: true,
    },
    Kept {
        collection: "batches",
        table: "batches",
        uuid: true,
    },
    Kept {
        collection: "reports",
        table: "result_reports",
        uuid: true,
    },
];

/// Most values in one `IN (…)`: below the limits of both back ends.
const CHUNK: usize = 500;

/// Fails as a lost race unless exactly `expected` rows were changed: somebody
/// else changed one of them since it was read.
fn all_hit(done: &UpdateResult, expected: usize) -> Result<()> {
    if usize::try_from(done.rows_affected).ok() == Some(expected) {
        Ok(())
    } else {
        Err(refusal::aborted().into())
    }
}

/// A value as it is stored in a JSON column.
fn json<T: Serialize>(value: &T) -> Result<serde_json::Value> {
    Ok(serde_json::to_value(value)?)
}

/// A value out of a JSON column.
fn unjson<T: DeserializeOwned>(value: &serde_json::Value) -> Result<T> {
    Ok(serde_json::from_value(value.clone())?)
}

/// The fault of a stored word that this version does not know.
fn unknown(what: &str, word: &str) -> Error {
    Error::fault(format!("stored {what} {word:?} is unknown"))
}

#[cfg(test)]
mod tests;
