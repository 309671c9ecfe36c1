//! Institutions, what is decided about them, and the children enrolled. Pure.

mod change;
mod enrolment;
mod inspection;
mod institution;
mod known;
mod use_report;

pub use change::{Change, Misfit, Office};
pub use enrolment::{Enrolment, Span, digest};
pub use inspection::{Inspection, PriceList, Recorded};
pub use institution::{Honour, HonourLevel, Institution, Kind, LegalPerson, Record, Suspension};
pub use known::Known;
pub use use_report::{Review, UseReport, Verdict};
