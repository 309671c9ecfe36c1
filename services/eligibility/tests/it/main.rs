//! The eligibility service over the wire, on every store.

mod books;
mod bounds;
mod fields;
mod flow;
mod fraud;
mod harness;
mod inquiries;
mod letters;
mod orders;
mod panel;
mod refusals;
mod registers;
mod reopened;
mod repetition;
mod returns;
mod reviews;
mod rosters;
mod sampling;
mod separation;
mod stand_in;
mod stops;
mod stores;
mod walk;
