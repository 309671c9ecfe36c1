//! Payment as a matter of states and hands: pure, no clock, no storage.

pub mod batch;
pub mod line;
pub mod name;
pub mod order;
pub mod placement;
pub mod result;
