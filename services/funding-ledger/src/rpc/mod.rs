//! The contracts: requests to domain to answers.

mod act;
mod answer;
mod approve;
mod ask;
mod funding;
mod ledger;
mod paid;
mod propose;
mod shares;
mod show;
mod sink;

use tonic::service::{Routes, RoutesBuilder};
use yuhui_kernel::Tenant;
use yuhui_platform::{audit::Trail, inbox::Inbox};
use yuhui_proto::{
    events::v1::event_sink_service_server::EventSinkServiceServer,
    funding::v1::{
        funding_service_server::FundingServiceServer, ledger_service_server::LedgerServiceServer,
        paid_service_server::PaidServiceServer,
    },
};

use self::sink::Events;
use crate::{Deps, store::city};

pub fn inbox(deps: Deps) -> Inbox<Events> {
    Handlers(deps).inbox()
}

/// The handlers of every gRPC service of the crate.
#[derive(Clone)]
struct Handlers(Deps);

pub fn routes(deps: Deps) -> Routes {
    let trail = Trail::server(deps.db.clone());
    let handlers = Handlers(deps);
    let mut routes: RoutesBuilder = Routes::builder();
    routes
        .add_service(FundingServiceServer::new(handlers.clone()))
        .add_service(LedgerServiceServer::new(handlers.clone()))
        .add_service(PaidServiceServer::new(handlers.clone()))
        .add_service(EventSinkServiceServer::new(handlers.inbox()))
        .add_service(trail);
    routes.routes()
}

impl Handlers {
    /// Where the other services' events arrive.
    fn inbox(&self) -> Inbox<Events> {
        let (db, clock) = (self.0.db.clone(), self.0.clock.clone());
        Inbox::new(db, clock, Events(self.0.clone()))
    }

    /// What follows a posting in a county's book, in transactions of its own: events that
    /// waited for it, and the city's book. Both are caught up later if this fails.
    async fn follow(&self, county: Tenant) {
        if let Err(error) = self.inbox().retry(county).await {
            tracing::warn!(%county, %error, "parked events are not tried again yet");
        }
        if let Err(error) = city::follow(&self.0.db, &self.0.clock, county, None).await {
            tracing::warn!(%county, %error, "the city book is behind");
        }
    }
}
