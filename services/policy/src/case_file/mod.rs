//! Case files: families and institutions with the answers the law gives, as data.
//!
//! A file is read whole or not at all ([`CaseFile::parse`]), or case by case ([`CaseReader`]),
//! played without a server ([`play`]) and compared with what it expects ([`check`]).

mod brief;
mod check;
mod error;
mod expectation;
mod map;
mod play;
mod query;
mod read;
mod schema;
mod stream;
mod strict;
mod unreadable;
mod validate;

#[cfg(test)]
mod play_tests;
#[cfg(test)]
pub(crate) mod tests;

pub use brief::Brief;
pub use check::{CheckOutcome, Difference, check};
pub use error::{CaseFileError, Fault};
pub use expectation::{Expected, ExpectedPayee, ExpectedTotal, LedgerEvent};
pub use map::{claim_id, claims_of, facts_of};
pub use play::{Played, play};
pub use query::{Answered, CalendarQuery, IdentifierQuery, Query, Span};
pub use read::{CaseFile, Ids};
pub use schema::{
    Adoption, Application, Birth, BornChild, Case, Custody, EndedBy, Enrolment, Guardianship,
    Honour, Hukou, Institution, Kind, Marriage, NationalPayment, Person, ProcessDays,
    RegisteredWith, Sex, Silent, Stage, Suspension, TaintedApplication, TaintedBy, Unknown,
};
pub use stream::{CaseReader, Header, RawCase};
