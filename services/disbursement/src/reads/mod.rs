//! What county health, finance and the bank are shown.

pub mod batches;
pub mod orders;
pub mod reports;
