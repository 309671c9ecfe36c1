//! The tables of institutions, changes, enrolments, inspections and use reports. The only
//! code of this service that knows SeaORM.

pub mod changes;
pub mod credit_codes;
pub mod enrolments;
pub mod facts;
pub mod inspections;
pub mod institutions;
pub mod use_reports;

use yuhui_platform::{Error, audit::Kept};

/// What stays for good once it was acknowledged.
pub const KEPT: &[Kept] = &[
    Kept {
        collection: "institutions",
        table: "institutions",
        uuid: true,
    },
    Kept {
        collection: "changes",
        table: "changes",
        uuid: true,
    },
    Kept {
        collection: "inspections",
        table: "inspections",
        uuid: true,
    },
];

/// A row that no code of this service can have written.
fn corrupt(table: &str) -> Error {
    Error::fault(format!("a row of {table} cannot be read"))
}
