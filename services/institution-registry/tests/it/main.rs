//! The service over a pipe, behind its guard, on SQLite or PostgreSQL.

mod changes;
mod ended;
mod enrolments;
mod facts;
mod harness;
mod inspections;
mod offered;
mod register;
mod registers;
mod relatives;
mod store;
