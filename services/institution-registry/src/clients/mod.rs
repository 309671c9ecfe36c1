//! The other services, as far as the register of institutions asks them.

pub mod registers;
