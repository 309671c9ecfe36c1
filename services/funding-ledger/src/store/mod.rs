//! The tables: the only code that knows SeaORM.

pub mod book;
pub mod city;
pub mod entity;
pub mod lines;
pub mod proposals;
pub mod reading;
pub mod recoveries;
pub mod reservations;
pub mod rosters;
pub mod row;
pub mod verify;

use yuhui_platform::audit::Kept;

/// What stays for good once it was acknowledged.
pub const KEPT: &[Kept] = &[Kept {
    collection: "proposals",
    table: "proposals",
    uuid: false,
}];

/// Rows named in one statement; both back ends bound how many values one may hold.
const CHUNK: usize = 500;

#[cfg(test)]
mod tests;
