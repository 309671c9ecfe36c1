//! Events: what this service tells ([`outgoing`]), and what other services tell it ([`incoming`]).

pub mod incoming;
pub mod outgoing;
