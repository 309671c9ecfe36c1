//! Payment (资金发放): payment orders by county health, released by county
//! finance, executed by the agent bank; results by line (126号 五(二)4, 五(三)2).
//!
//! Lines come from sealed rosters and funding from the ledger, both as events;
//! what was released and what became of it goes back as events. The bank sees
//! released lines and nothing else.

mod acts;
mod clients;
mod convert;
mod domain;
mod events;
mod gate;
mod migration;
mod reads;
mod refusal;
mod rpc;
mod store;

use std::sync::Arc;

use yuhui_platform::{
    clock::Clock,
    db::Database,
    idempotency,
    inbox::Attendant,
    operations::{Operations, Worker},
    peers::Peers,
    vault::{Sealed, Vault},
};

pub use migration::Migrator;
pub use store::KEPT;

/// Name of the service.
pub const NAME: &str = "disbursement";

/// Where its events go.
pub const DESTINATIONS: &[&str] = &["funding-ledger", "eligibility"];

/// What the service stands on.
#[derive(Clone)]
pub struct Deps {
    /// Its own database.
    pub db: Database,
    /// Business dates.
    pub clock: Clock,
    /// The other services: eligibility is asked which cases are cleared.
    pub peers: Peers,
    /// Seals accounts and the names on them.
    pub vault: Arc<Vault>,
    /// Most items of a slice of an operation.
    pub slice: u64,
}

impl Deps {
    fn operations(&self) -> Operations {
        let db = self.db.clone();
        Operations::new(NAME, db, self.clock.clone(), self.slice).with_finance()
    }
}

/// Every sealed column.
pub const SEALED: &[Sealed] = &[
    store::lines::ACCOUNT,
    store::lines::PAYEE,
    idempotency::ANSWER,
];

/// What the service does with events of other services while nobody delivers one.
#[must_use]
pub fn inbox(deps: Deps) -> Arc<dyn Attendant> {
    Arc::new(events::incoming::inbox(deps))
}

/// Who does what is left of the operations that acts of this service begin.
#[must_use]
pub fn worker(deps: &Deps) -> Worker {
    acts::works(Worker::new(deps.operations()), deps)
}

/// Every gRPC service of the crate.
#[must_use]
pub fn routes(deps: Deps) -> tonic::service::Routes {
    rpc::routes(deps)
}
