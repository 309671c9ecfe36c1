//! The eligibility service (资格确认): cases from draft to archive, public notices, rosters.
//!
//! It asks the registers for facts, lets the law decide (`yuhui-policy`), and keeps who did what
//! to a case at which level. Money and payment are other services': they learn of a sealed roster
//! from the outbox, and tell back what was funded, sent, credited or returned.

mod deadlines;
mod desk;
mod domain;
mod evaluation;
pub mod jobs;
mod migration;
mod offline;
mod packs;
mod proof;
mod record;
mod refusal;
mod rpc;
mod separation;
mod sitting;
mod store;

use std::sync::Arc;

use tonic::service::Routes;
use yuhui_kernel::Calendar;
use yuhui_platform::{
    audit,
    clock::Clock,
    db::Database,
    idempotency,
    inbox::Attendant,
    peers::Peers,
    vault::{Sealed, Vault},
};
use yuhui_policy::PolicyPack;
use yuhui_proto::{
    eligibility::v1::{
        case_service_server::CaseServiceServer, clearance_service_server::ClearanceServiceServer,
        deadline_service_server::DeadlineServiceServer,
        evidence_service_server::EvidenceServiceServer,
        forecast_service_server::ForecastServiceServer,
        inquiry_service_server::InquiryServiceServer, notice_service_server::NoticeServiceServer,
        payout_service_server::PayoutServiceServer,
        policy_pack_service_server::PolicyPackServiceServer,
        pre_check_service_server::PreCheckServiceServer,
        recovery_service_server::RecoveryServiceServer,
        red_flag_service_server::RedFlagServiceServer,
        review_request_service_server::ReviewRequestServiceServer,
        roster_return_service_server::RosterReturnServiceServer,
        roster_service_server::RosterServiceServer, sampling_service_server::SamplingServiceServer,
    },
    events::v1::event_sink_service_server::EventSinkServiceServer,
};

pub use migration::Migrator;
pub use offline::{Which, calendars, decisions, packs};
pub use store::KEPT;

/// Name of the service: its audience, its issuer, its database.
pub const NAME: &str = "eligibility";

/// Services its events go to.
pub const DESTINATIONS: &[&str] = &["funding-ledger", "disbursement"];

/// Every sealed column.
pub const SEALED: &[Sealed] = &[
    desk::PRIVATE,
    store::notices::CLAIMANTS,
    store::rosters::PAYEE,
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
    /// The policy as published: the first version of its parameters.
    pub pack: Arc<PolicyPack>,
    /// Working days, by the notices known today.
    pub calendar: &'static Calendar,
}

impl Deps {
    fn desk(self) -> desk::Desk {
        desk::Desk {
            db: self.db.keyed(self.vault.clone()),
            clock: self.clock,
            peers: self.peers,
            vault: self.vault,
            packs: packs::Packs::new(self.pack),
            calendar: self.calendar,
            calendar_is_kept: Arc::default(),
        }
    }
}

/// What the service does with events of other services while nobody delivers one.
#[must_use]
pub fn inbox(deps: Deps) -> Arc<dyn Attendant> {
    Arc::new(rpc::events::inbox(deps.desk()))
}

/// Every gRPC service of this crate.
pub fn routes(deps: Deps) -> Routes {
    let trail = audit::Trail::server(deps.db.clone());
    let desk = deps.desk();
    let sink = EventSinkServiceServer::new(rpc::events::inbox(desk.clone()));
    Routes::new(CaseServiceServer::new(rpc::cases::Cases(desk.clone())))
        .add_service(NoticeServiceServer::new(rpc::notices::Notices(
            desk.clone(),
        )))
        .add_service(RosterServiceServer::new(rpc::rosters::Rosters(
            desk.clone(),
        )))
        .add_service(EvidenceServiceServer::new(rpc::evidence::Exports(
            desk.clone(),
        )))
        .add_service(PreCheckServiceServer::new(rpc::pre_check::PreChecks(
            desk.clone(),
        )))
        .add_service(PolicyPackServiceServer::new(
            rpc::policy_packs::PolicyPacks(desk.clone()),
        ))
        .add_service(ForecastServiceServer::new(rpc::forecast::Forecasts(
            desk.clone(),
        )))
        .add_service(DeadlineServiceServer::new(rpc::deadlines::Deadlines(
            desk.clone(),
        )))
        .add_service(RecoveryServiceServer::new(rpc::recoveries::Recoveries(
            desk.clone(),
        )))
        .add_service(RedFlagServiceServer::new(rpc::red_flags::RedFlags(
            desk.clone(),
        )))
        .add_service(RosterReturnServiceServer::new(
            rpc::rosters::returns::RosterReturns(desk.clone()),
        ))
        .add_service(SamplingServiceServer::new(rpc::sampling::Sampling(
            desk.clone(),
        )))
        .add_service(ReviewRequestServiceServer::new(rpc::reviews::Reviews(
            desk.clone(),
        )))
        .add_service(InquiryServiceServer::new(rpc::inquiries::Inquiries(
            desk.clone(),
        )))
        .add_service(PayoutServiceServer::new(rpc::payouts::Payouts(
            desk.clone(),
        )))
        .add_service(ClearanceServiceServer::new(rpc::clearance::Clearance(desk)))
        .add_service(sink)
        .add_service(trail)
}
