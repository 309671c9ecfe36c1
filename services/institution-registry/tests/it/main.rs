//! The service over a pipe, behind its guard, on SQLite.

mod changes;
mod enrolments;
mod facts;
mod harness;
mod register;
