//! The eligibility service (资格确认): cases from draft to archive, public notices, rosters.
//!
//! It asks the registers for facts, lets the law decide (`yuhui-policy`), and keeps who did what
//! to a case at which level. Money and payment are other services': they learn of a sealed roster
//! from the outbox, and tell back what was funded, sent, credited or returned.

mod acts;
mod clients;
mod context;
mod convert;
mod domain;
mod evaluation;
mod events;
mod gate;
pub mod jobs;
mod migration;
mod names;
mod packs;
mod proof;
mod reads;
mod refusal;
mod ritual;
mod rpc;
mod separation;
mod store;

use std::sync::Arc;

use moka::sync::Cache;
use tonic::service::Routes;
use yuhui_kernel::Calendar;
use yuhui_platform::{
    audit,
    clock::Clock,
    db::Database,
    idempotency,
    inbox::Attendant,
    objects::Objects,
    operations::{Operations, Worker},
    peers::Peers,
    vault::{Sealed, Vault},
};
use yuhui_policy::PolicyPack;
use yuhui_proto::internal::v1::event_sink_service_server::EventSinkServiceServer;

pub use migration::Migrator;
pub use names::NAME;
pub use reads::offline::{Which, calendars, decisions, packs};
pub use store::KEPT;

/// Services its events go to.
pub const DESTINATIONS: &[&str] = &["funding-ledger", "disbursement"];

/// Views of cases that a process remembers to have kept.
const VIEWS: u64 = 100_000;

/// Every sealed column.
pub const SEALED: &[Sealed] = &[
    store::cases::PRIVATE,
    store::notices::CLAIMANTS,
    store::rosters::PAYEE,
    store::uploads::PRIVATE,
    store::documents::TITLE,
    store::reports::SAID,
    idempotency::ANSWER,
];

/// What the service stands on.
#[derive(Clone)]
pub struct Deps {
    /// Its own database.
    pub db: Database,
    /// Business dates.
    pub clock: Clock,
    /// registry-verification and institution-registry.
    pub peers: Peers,
    /// Sealing of personal data, blind references.
    pub vault: Arc<Vault>,
    /// Contents of documents.
    pub objects: Objects,
    /// The policy as published: the first version of its parameters.
    pub pack: Arc<PolicyPack>,
    /// Working days, by the notices known today.
    pub calendar: &'static Calendar,
    /// Most items of a slice of an operation.
    pub slice: u64,
}

impl Deps {
    fn context(self) -> context::Context {
        let db = self.db.keyed(self.vault.clone());
        context::Context {
            operations: Operations::new(NAME, db.clone(), self.clock.clone(), self.slice),
            db,
            clock: self.clock,
            peers: self.peers,
            vault: self.vault,
            objects: self.objects,
            packs: packs::Packs::new(self.pack),
            calendar: self.calendar,
            views: Cache::new(VIEWS),
            calendar_is_kept: Arc::default(),
        }
    }
}

/// What the service does with events of other services while nobody delivers one.
#[must_use]
pub fn inbox(deps: Deps) -> Arc<dyn Attendant> {
    Arc::new(events::incoming::inbox(deps.context()))
}

/// Who does what is left of the operations that acts and jobs of this service begin.
#[must_use]
pub fn worker(deps: Deps) -> Worker {
    let context = deps.context();
    acts::works(Worker::new(context.operations.clone()), &context)
        .with(jobs::queue::ArrangeQueue(context.clone()))
        .with(jobs::deadlines::operation::RunDeadlines(context))
}

/// Every gRPC service of this crate.
pub fn routes(deps: Deps) -> Routes {
    let trail = audit::Trail::server(deps.db.clone());
    let context = deps.context();
    let sink = EventSinkServiceServer::new(events::incoming::inbox(context.clone()));
    let operations = context.operations.clone().server();
    rpc::routes(context)
        .add_service(sink)
        .add_service(trail)
        .add_service(operations)
}
