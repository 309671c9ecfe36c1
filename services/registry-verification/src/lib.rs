//! Registers and verification: what public security, civil affairs and
//! maternity care know of families, and the answers they give for a case.
//!
//! The departments bring their registers up to date; the eligibility
//! service asks for everything known by today of one child, its parents and
//! the claimant. Each register's answer is kept with a digest of what it said,
//! so that a decision can be replayed with the facts it stood on.

mod acts;
mod convert;
mod domain;
mod migration;
mod reads;
mod rpc;
mod store;

use std::sync::Arc;

use tonic::service::Routes;
use yuhui_platform::{
    Clock,
    db::Database,
    idempotency,
    vault::{Sealed, Vault},
};

pub use migration::Migrator;

/// Name of the service, in tokens and configuration.
pub const NAME: &str = "registry-verification";

/// Where its events go: nobody needs to be told of facts; they are asked for.
pub const DESTINATIONS: &[&str] = &[];

/// Every sealed column.
pub const SEALED: &[Sealed] = &[store::NUMBER, store::NAME, idempotency::ANSWER];

/// What the service stands on.
#[derive(Clone)]
pub struct Deps {
    /// Its own database.
    pub db: Database,
    /// Business dates.
    pub clock: Clock,
    /// Seals numbers and names, and makes blind references.
    pub vault: Arc<Vault>,
}

/// Every gRPC service of this crate.
#[must_use]
pub fn routes(deps: Deps) -> Routes {
    rpc::routes(deps)
}
