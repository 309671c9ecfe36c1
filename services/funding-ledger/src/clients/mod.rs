//! The other services, as far as the ledger asks them.

pub mod eligibility;
