//! Starts the real executable and talks to it.

pub(crate) mod cases;
pub(crate) mod cluster;
pub(crate) mod contract;
pub(crate) mod disk;
pub(crate) mod gateway;
pub(crate) mod part_d;
pub(crate) mod people;
pub(crate) mod places;
pub(crate) mod plausible;
pub(crate) mod played;
pub(crate) mod postgres;
pub(crate) mod program;
pub(crate) mod query;
pub(crate) mod redis;
pub(crate) mod sqlite;
pub(crate) mod system;
pub(crate) mod topology;

/// Root of the repository.
pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
