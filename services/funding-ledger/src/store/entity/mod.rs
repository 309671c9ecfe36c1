//! The tables as SeaORM sees them.

pub mod balance;
pub mod entry;
pub mod given_back;
pub mod head;
pub mod journal;
pub mod line;
pub mod proposal;
pub mod recovery;
pub mod reservation;
pub mod roster;
pub mod round;
