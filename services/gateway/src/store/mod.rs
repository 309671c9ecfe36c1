//! The gateway's tables. They belong to no county: an account of any county
//! signs in here. Times are microseconds since 1970; those of accounts are
//! business time, those of sessions real time.

pub mod accounts;
pub mod break_glass;
pub mod delegations;
pub mod holders;
pub mod refresh_tokens;
pub mod sessions;
