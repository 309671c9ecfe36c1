//! The tables of the registers and of the answers given. The only code of
//! this service that knows SeaORM.
//!
//! The registers stand for authorities that answer for the whole city and
//! beyond: a family of Kundulun may have a child born in Guyang and a hukou
//! in Beijing, and its facts must be the same whichever county asks. Their
//! rows therefore belong to no tenant (`rls::open`), and not to the city
//! either: a county's liaison writes them, in one transaction with the
//! county's own audit record. What stands in for row-level security is
//! [`Registers::of`], the only way to these tables, which opens for a
//! transaction of some county only, and that nothing in them names a person:
//! rows are keyed by blind reference, and numbers and names are sealed with
//! the key of the county that keeps the record.

mod aliases;
pub mod answers;
mod births;
mod census;
mod civil;
mod family;
mod hukou;
mod national_payments;
mod persons;
mod relatives;
pub mod states;

use std::collections::BTreeSet;

use yuhui_platform::{Error, Result, db::Tx};

pub use persons::{NAME, NUMBER, SealedPerson};

use crate::domain::PersonRef;

/// The registers, on behalf of one county.
pub struct Registers<'tx> {
    connection: &'tx Tx,
}

impl<'tx> Registers<'tx> {
    /// The registers within `tx`, which must be a county's.
    pub fn of(tx: &'tx Tx) -> Result<Self> {
        tx.tenant()?;
        Ok(Self {
            connection: tx.connection(),
        })
    }
}

/// References as values of an `IN` list.
fn keys<'a>(persons: impl IntoIterator<Item = &'a PersonRef>) -> BTreeSet<&'a str> {
    persons.into_iter().map(PersonRef::as_str).collect()
}

/// A row that no code of this service can have written.
fn corrupt(table: &str) -> Error {
    Error::fault(format!("a row of {table} cannot be read"))
}
