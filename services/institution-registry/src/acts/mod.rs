//! What registrars, offices and institutions do.

pub mod changes;
pub mod decline;
pub mod enrolments;
pub mod inspections;
pub mod register;
pub mod use_report;
