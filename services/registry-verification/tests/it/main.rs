//! The service over a pipe, behind its guard, on SQLite or PostgreSQL.

mod family;
mod harness;
mod health;
mod imports;
mod store;
mod verification;
