//! What is shown of institutions and stays, and told to those who decide.

pub mod changes;
pub mod enrolments;
pub mod facts;
pub mod inspections;
pub mod institutions;
pub mod use_reports;
