//! What county health, county finance and the bank do to a payment, and what becomes of the other
//! services' events.

pub mod account;
pub mod acknowledge;
pub mod order;
pub mod release;
pub mod results;
pub mod roster;
mod screen;
pub mod standing;
