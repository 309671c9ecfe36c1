//! The book, proposals, payment lines, recoveries and reconciliation: types and transitions, pure.

pub mod book;
pub mod line;
pub mod name;
pub mod proposal;
pub mod reconciliation;
pub mod recovery;
