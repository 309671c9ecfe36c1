//! The other services, as far as payment asks them.

pub mod eligibility;
