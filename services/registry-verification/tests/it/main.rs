//! The service over a pipe, behind its guard, on SQLite or PostgreSQL.

mod aliases;
mod answering;
mod family;
mod harness;
mod health;
mod imports;
mod names;
mod plausible;
mod relatives;
mod store;
mod verification;
