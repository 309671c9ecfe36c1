//! Eligibility and disbursement, as far as the ledger speaks to them: they keep what they hear.

use std::sync::{Arc, Mutex};

use tonic::{Request, Response, Status, service::Routes};
use yuhui_proto::events::v1::{
    DeliverRequest, DeliverResponse,
    event::Payload,
    event_sink_service_server::{EventSinkService, EventSinkServiceServer},
};

#[derive(Clone, Default)]
pub struct StandIn(Arc<Mutex<Vec<Payload>>>);

impl StandIn {
    pub fn routes(&self) -> Routes {
        Routes::new(EventSinkServiceServer::new(self.clone()))
    }

    /// Everything heard since the last call.
    pub fn heard(&self) -> Vec<Payload> {
        std::mem::take(&mut *self.0.lock().expect("lock"))
    }
}

#[tonic::async_trait]
impl EventSinkService for StandIn {
    async fn deliver(
        &self,
        request: Request<DeliverRequest>,
    ) -> Result<Response<DeliverResponse>, Status> {
        let event = request.into_inner().event.expect("an event");
        let payload = event.payload.expect("a payload");
        self.0.lock().expect("lock").push(payload);
        Ok(Response::new(DeliverResponse {}))
    }
}
