//! What is for the public: how a claim stands, what became of a report, counts, tables, heads of chains.

mod by_code;
pub(crate) mod chain_heads;
pub(crate) mod reference;
pub(crate) mod reports;
pub(crate) mod statistics;
pub(crate) mod status;
