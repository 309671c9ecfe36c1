//! Ledger and disbursement, as far as eligibility speaks to them: they keep what they hear.

use std::sync::{Arc, Mutex};

use tonic::{Request, Response, Status, service::Routes};
use yuhui_proto::{
    check::Body as _,
    check::Bytes,
    internal::v1::{
        DeliverRequest, DeliverResponse, Event, event_sink_service_server::EventSinkService,
        event_sink_service_server::EventSinkServiceServer,
    },
};

#[derive(Clone, Default)]
pub struct StandIn(Arc<Mutex<Vec<Event>>>);

impl StandIn {
    pub fn routes(&self) -> Routes {
        Routes::new(EventSinkServiceServer::new(self.clone()))
    }

    /// Everything heard since the last call.
    pub fn heard(&self) -> Vec<Event> {
        std::mem::take(&mut *self.0.lock().expect("lock"))
    }
}

#[tonic::async_trait]
impl EventSinkService for StandIn {
    async fn deliver(
        &self,
        request: Request<DeliverRequest>,
    ) -> Result<Response<DeliverResponse>, Status> {
        let event = Event::read(Bytes::from(request.into_inner().event)).expect("an event");
        self.0.lock().expect("lock").push(event);
        Ok(Response::new(DeliverResponse {}))
    }
}
