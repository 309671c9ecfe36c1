//! Accounts and who may hold them: types and rules, pure.

pub mod account;
pub mod approval;
pub mod profile;
pub mod separation;
