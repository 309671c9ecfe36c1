//! Money between the treasuries, the county health office and the bank (126号 五): what each
//! side owes and has paid, what was sent and credited, what goes back. One append-only,
//! hash-chained double-entry book per county and one for the city. What may be posted is in
//! [`book`], which knows no storage; finance proposes and approves through `FundingService`,
//! the other services tell what happened, `LedgerService` shows and recomputes the books.

mod acts;
mod clients;
mod convert;
mod domain;
mod events;
mod gate;
pub mod jobs;
mod migration;
mod reads;
mod refusal;
mod rpc;
mod store;

pub use domain::book;
pub use migration::Migrator;
pub use reads::{BookReport, verify_books};
pub use store::KEPT;

use std::sync::Arc;

use yuhui_platform::{clock::Clock, db::Database, inbox::Attendant, peers::Peers};

/// Name of the service.
pub const NAME: &str = "funding-ledger";

/// Where its outbox events go.
pub const DESTINATIONS: &[&str] = &["eligibility", "disbursement"];

/// What the service stands on.
#[derive(Clone)]
pub struct Deps {
    /// Its database.
    pub db: Database,
    /// Business dates.
    pub clock: Clock,
    /// The other services: eligibility is asked for the lines of rosters.
    pub peers: Peers,
    /// Who bears the odd fen of rounds that begin from now on (`funding.residual_fen_bearer`).
    pub residual_bearer: book::ResidualBearer,
}

/// What the service does with events of other services while nobody delivers one.
#[must_use]
pub fn inbox(deps: Deps) -> Arc<dyn Attendant> {
    Arc::new(events::incoming::inbox(deps))
}

/// Every gRPC service of the crate.
#[must_use]
pub fn routes(deps: Deps) -> tonic::service::Routes {
    rpc::routes(deps)
}
