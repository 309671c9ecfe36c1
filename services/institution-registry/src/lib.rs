//! Nurseries (托育机构): registration, filing (备案), inclusive recognition
//! (普惠认定), education approval, honours, suspensions and enrolments.
//!
//! A county keeps its own institutions; what is decided about them is proposed
//! by one person and approved by another. What an institution reports of its
//! children counts once the county has checked it. For decisions the
//! eligibility service is told what is known by today, across counties: a
//! child of Kundulun may be in a nursery of Qingshan.

mod acts;
mod clients;
mod convert;
mod domain;
mod gate;
mod migration;
mod reads;
mod refusal;
mod rpc;
mod separation;
mod store;

use std::sync::Arc;

use tonic::service::Routes;
use yuhui_platform::{Clock, db::Database, peers::Peers, vault::Vault};

pub use migration::Migrator;
pub use store::KEPT;

/// Name of the service, in tokens and configuration.
pub const NAME: &str = "institution-registry";

/// Where its events go: nobody needs to be told of facts; they are asked for.
pub const DESTINATIONS: &[&str] = &[];

/// What the service stands on.
#[derive(Clone)]
pub struct Deps {
    /// Its own database.
    pub db: Database,
    /// Business dates.
    pub clock: Clock,
    /// Makes blind references of institutions, children and legal persons.
    pub vault: Arc<Vault>,
    /// The registers of persons, who know whose relative an official is.
    pub peers: Peers,
}

/// Every gRPC service of this crate.
#[must_use]
pub fn routes(deps: Deps) -> Routes {
    rpc::routes(deps)
}
