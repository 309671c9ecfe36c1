//! Accounts, the caller's own session, what is granted for a time, and audit records.

pub mod accounts;
pub mod audit;
pub mod break_glass;
pub mod delegations;
pub mod session;
