//! Accounts and who may hold them: types and rules, pure.

pub mod account;
pub mod approval;
pub mod break_glass;
pub mod delegation;
pub mod profile;
pub mod separation;
