//! The only code that knows the contracts: request → domain → answer.

mod bank;
mod clearance;
mod events;
mod orders;
mod payees;
mod release;
mod results;
mod rosters;
mod show;

use std::sync::Arc;

use tonic::service::Routes;
use yuhui_platform::{Caller, Result, audit::Trail, inbox::Attendant, refusal::not_found};
use yuhui_proto::{
    disbursement::v1::{
        bank_agent_service_server::BankAgentServiceServer,
        payment_order_service_server::PaymentOrderServiceServer,
    },
    events::v1::event_sink_service_server::EventSinkServiceServer,
};

use crate::{Deps, domain::hand::Hand};

/// What the service does with events of other services while nobody delivers one.
#[must_use]
pub fn inbox(deps: Deps) -> Arc<dyn Attendant> {
    Arc::new(events::inbox(deps))
}

/// Every gRPC service of this service.
pub fn routes(mut deps: Deps) -> Routes {
    deps.db = deps.db.keyed(deps.vault.clone());
    let trail = Trail::server(deps.db.clone());
    let bank = BankAgentServiceServer::new(bank::Bank(deps.clone()));
    let sink = EventSinkServiceServer::new(events::inbox(deps.clone()));
    Routes::new(PaymentOrderServiceServer::new(orders::Orders(deps)))
        .add_service(bank)
        .add_service(sink)
        .add_service(trail)
}

/// The hand that acts.
fn hand(caller: &Caller) -> Hand {
    Hand {
        account: caller.account.clone(),
        person: caller.person.clone(),
    }
}

/// What a resource name names, if it is one.
fn named<T>(read: impl FnOnce(&str) -> Option<T>, name: &str) -> Result<T> {
    Ok(read(name).ok_or_else(|| not_found(name))?)
}
