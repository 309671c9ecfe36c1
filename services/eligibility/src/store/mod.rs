//! The only code of this service that knows SeaORM. Every function takes the tenant-bound
//! transaction it works in.

pub(crate) mod accounts;
pub(crate) mod calendars;
pub(crate) mod case_list;
pub(crate) mod cases;
pub(crate) mod deadlines;
pub(crate) mod documents;
mod entity;
pub(crate) mod evidence;
pub(crate) mod findings;
pub(crate) mod index;
pub(crate) mod matters;
pub(crate) mod notices;
pub(crate) mod policy_packs;
pub(crate) mod public_codes;
pub(crate) mod reports;
pub(crate) mod review_requests;
pub(crate) mod rosters;
pub(crate) mod samples;
#[cfg(test)]
#[path = "../../tests/it/stores.rs"]
mod stores;
pub(crate) mod transitions;
pub(crate) mod uploads;
pub(crate) mod views;
pub(crate) mod work;

use yuhui_platform::{Error, audit::Kept, refusal};

/// What stays for good once it was acknowledged.
pub const KEPT: &[Kept] = &[
    Kept {
        collection: "cases",
        table: "cases",
        uuid: false,
    },
    Kept {
        collection: "notices",
        table: "notices",
        uuid: false,
    },
    Kept {
        collection: "rosters",
        table: "rosters",
        uuid: false,
    },
    Kept {
        collection: "documents",
        table: "documents",
        uuid: false,
    },
    Kept {
        collection: "reviewRequests",
        table: "review_requests",
        uuid: false,
    },
    Kept {
        collection: "reports",
        table: "reports",
        uuid: false,
    },
];

/// A statement binds a limited number of values.
const CHUNK: usize = 500;

/// A change that hit no row: somebody else was first.
fn one_row(rows: u64) -> Result<(), Error> {
    if rows == 1 {
        Ok(())
    } else {
        Err(refusal::aborted().into())
    }
}
