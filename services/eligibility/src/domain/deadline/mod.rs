//! Deadlines of offices, claimants and the bank (POLICY.md C.1, C.6; R-PRC-3, R-PRC-11). A missed
//! day is flagged and shown upwards; it never harms the applicant, and nothing is refused by it.

pub mod duty;
pub mod flag;
mod since;
pub mod watch;
pub mod year;

#[cfg(test)]
mod tests;

pub use duty::{Duty, Office};
pub use flag::Flag;
pub use watch::{Obligation, RosterProgress};
pub use year::{Stage, Year};
