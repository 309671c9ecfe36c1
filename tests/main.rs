//! The system from outside: what the contracts promise, and what the real
//! executable does with them. One binary, so that it links once.
//!
//! `tests/run` sets the stage. Without it, tests that need PostgreSQL or Python
//! say that they were skipped, and why.

mod contract;
mod e2e;
mod faults;
mod harness;
mod security;
