//! Case files: families and institutions with the answers the law gives, as data.
//!
//! A file is read whole or not at all ([`CaseFile::parse`]), or case by case ([`CaseFile::sift`]),
//! played without a server ([`play`]) and compared with what it expects ([`check`]).

mod check;
mod error;
mod expectation;
mod map;
mod play;
mod query;
mod read;
mod schema;
mod unreadable;
mod validate;

#[cfg(test)]
mod play_tests;
#[cfg(test)]
pub(crate) mod tests;

pub use check::{CheckOutcome, Difference, check};
pub use error::{CaseFileError, Fault};
pub use expectation::{Expected, ExpectedPayee, ExpectedTotal, LedgerEvent};
pub use map::{claim_id, claims_of, facts_of};
pub use play::{Played, play};
pub use query::{Answered, CalendarQuery, IdentifierQuery, Query, Span};
pub use schema::{
    Adoption, Application, Birth, BornChild, Case, CaseFile, Custody, EndedBy, Enrolment,
    Guardianship, Honour, Hukou, Institution, Kind, Marriage, NationalPayment, Person, ProcessDays,
    RegisteredWith, Sex, Suspension, TaintedApplication, TaintedBy,
};
