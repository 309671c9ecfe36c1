//! The service over a pipe, behind its guard, on SQLite.

mod family;
mod harness;
mod imports;
mod verification;
