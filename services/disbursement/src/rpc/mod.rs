//! The only code that knows the contracts: request → domain → answer.

mod bank;
mod clearance;
mod events;
mod orders;
mod release;
mod results;
mod rosters;
mod show;

use tonic::service::Routes;
use yuhui_platform::{Caller, Result, audit::Trail, refusal::not_found};
use yuhui_proto::{
    disbursement::v1::{
        bank_agent_service_server::BankAgentServiceServer,
        payment_order_service_server::PaymentOrderServiceServer,
    },
    events::v1::event_sink_service_server::EventSinkServiceServer,
};

use crate::{Deps, domain::hand::Hand};

/// Largest message taken in: a county's roster, or a report of the bank.
const MAX_MESSAGE_BYTES: usize = 64 * 1024 * 1024;

/// Every gRPC service of this service.
pub fn routes(deps: Deps) -> Routes {
    let trail = Trail::server(deps.db.clone());
    let bank = BankAgentServiceServer::new(bank::Bank(deps.clone()));
    let sink = EventSinkServiceServer::new(events::Sink(deps.clone()));
    Routes::new(PaymentOrderServiceServer::new(orders::Orders(deps)))
        .add_service(bank.max_decoding_message_size(MAX_MESSAGE_BYTES))
        .add_service(sink.max_decoding_message_size(MAX_MESSAGE_BYTES))
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
