//! Events: what the ledger tells ([`outgoing`]), and what the other services tell it ([`incoming`]).

pub mod incoming;
pub mod outgoing;
