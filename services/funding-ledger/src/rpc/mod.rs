//! The contracts: each request is an act or a read.

mod funding;
mod ledger;
mod paid;

use tonic::service::{Routes, RoutesBuilder};
use yuhui_platform::audit::Trail;
use yuhui_proto::{
    funding::v1::{
        funding_service_server::FundingServiceServer, ledger_service_server::LedgerServiceServer,
    },
    internal::v1::{
        event_sink_service_server::EventSinkServiceServer, paid_service_server::PaidServiceServer,
    },
};

use self::{funding::Funding, ledger::Ledger, paid::Paid};
use crate::{Deps, events::incoming};

pub fn routes(deps: Deps) -> Routes {
    let trail = Trail::server(deps.db.clone());
    let inbox = incoming::inbox(deps.clone());
    let funding = Funding {
        deps: deps.clone(),
        inbox: inbox.clone(),
    };
    let mut routes: RoutesBuilder = Routes::builder();
    routes
        .add_service(FundingServiceServer::new(funding))
        .add_service(LedgerServiceServer::new(Ledger(deps.clone())))
        .add_service(PaidServiceServer::new(Paid(deps)))
        .add_service(EventSinkServiceServer::new(inbox))
        .add_service(trail);
    routes.routes()
}
