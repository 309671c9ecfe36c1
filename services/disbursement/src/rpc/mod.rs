//! The contracts: each request is an act or a read.

mod bank;
mod orders;

use tonic::service::Routes;
use yuhui_platform::audit::Trail;
use yuhui_proto::{
    disbursement::v1::{
        bank_agent_service_server::BankAgentServiceServer,
        payment_order_service_server::PaymentOrderServiceServer,
    },
    internal::v1::event_sink_service_server::EventSinkServiceServer,
};

use crate::{Deps, events::incoming};

/// Every gRPC service of this service.
pub fn routes(mut deps: Deps) -> Routes {
    deps.db = deps.db.keyed(deps.vault.clone());
    let trail = Trail::server(deps.db.clone());
    let bank = BankAgentServiceServer::new(bank::Bank(deps.clone()));
    let operations = deps.operations().server();
    let sink = EventSinkServiceServer::new(incoming::inbox(deps.clone()));
    Routes::new(PaymentOrderServiceServer::new(orders::Orders(deps)))
        .add_service(bank)
        .add_service(sink)
        .add_service(trail)
        .add_service(operations)
}
