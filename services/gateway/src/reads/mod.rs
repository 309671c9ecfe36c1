//! Accounts, the caller's own session, and audit records.

pub mod accounts;
pub mod audit;
pub mod session;
