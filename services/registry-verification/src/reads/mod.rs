//! What the registers answer.

pub mod answers;
pub mod facts;
mod names;
pub mod people;
pub mod states;
