//! What people do to accounts and sessions.

pub mod accounts;
pub mod new_account;
pub mod password;
pub mod session;
pub mod sign_in;
