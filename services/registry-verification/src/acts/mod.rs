//! What the departments do: they bring their registers up to date, and say how they stand.

pub mod import;
pub mod state;
