//! Eligibility and funding ledger, as far as payment needs them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use tonic::{Request, Response, Status, service::Routes};
use yuhui_proto::{
    eligibility::v1::{
        ListClearedCasesRequest, ListClearedCasesResponse,
        clearance_service_server::{ClearanceService, ClearanceServiceServer},
    },
    events::v1::{
        BatchReleased, DeliverRequest, DeliverResponse, Event, LinesSettled,
        event::Payload,
        event_sink_service_server::{EventSinkService, EventSinkServiceServer},
    },
};

/// A service that clears the cases it is told to and keeps the events it gets.
#[derive(Clone, Default)]
pub struct StandIn {
    /// Cases, and the last day on which each was cleared.
    pub cleared: Arc<Mutex<BTreeMap<String, String>>>,
    pub heard: Arc<Mutex<Vec<Event>>>,
}

impl StandIn {
    pub fn routes(&self) -> Routes {
        Routes::new(ClearanceServiceServer::new(self.clone()))
            .add_service(EventSinkServiceServer::new(self.clone()))
    }

    /// These cases, and no others, are cleared by the check of that day.
    pub fn clear_on(&self, day: &str, cases: &[&str]) {
        let cases = cases.iter().map(|it| ((*it).to_owned(), day.to_owned()));
        *self.cleared.lock().expect("lock") = cases.collect();
    }

    pub fn batches(&self) -> Vec<BatchReleased> {
        let heard = self.heard.lock().expect("lock");
        let batches = heard.iter().filter_map(|it| match &it.payload {
            Some(Payload::BatchReleased(it)) => Some(it.clone()),
            _ => None,
        });
        batches.collect()
    }

    pub fn settled(&self) -> Vec<LinesSettled> {
        let heard = self.heard.lock().expect("lock");
        let settled = heard.iter().filter_map(|it| match &it.payload {
            Some(Payload::LinesSettled(it)) => Some(it.clone()),
            _ => None,
        });
        settled.collect()
    }
}

#[tonic::async_trait]
impl ClearanceService for StandIn {
    async fn list_cleared_cases(
        &self,
        request: Request<ListClearedCasesRequest>,
    ) -> Result<Response<ListClearedCasesResponse>, Status> {
        let since = request.into_inner().since_on;
        let cleared = self.cleared.lock().expect("lock");
        let cases = cleared.iter().filter(|(_, on)| **on >= since);
        let cases = cases.map(|(case, _)| case.clone()).collect();
        Ok(Response::new(ListClearedCasesResponse { cases }))
    }
}

#[tonic::async_trait]
impl EventSinkService for StandIn {
    async fn deliver(
        &self,
        request: Request<DeliverRequest>,
    ) -> Result<Response<DeliverResponse>, Status> {
        let event = request.into_inner().event.expect("an event");
        self.heard.lock().expect("lock").push(event);
        Ok(Response::new(DeliverResponse {}))
    }
}
