//! Eligibility and disbursement, as far as the ledger speaks to them: they keep what they hear, and
//! eligibility knows the lines of rosters.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tonic::{Request, Response, Status, service::Routes};
use yuhui_proto::{
    check::Body as _,
    check::Bytes,
    eligibility::v1::SealedRosterLine,
    internal::v1::{
        DeliverRequest, DeliverResponse, Event, ListPayeesRequest, ListPayeesResponse,
        ListSealedRosterLinesRequest, ListSealedRosterLinesResponse, event::Payload,
        event_sink_service_server::EventSinkService,
        event_sink_service_server::EventSinkServiceServer, payout_service_server::PayoutService,
        payout_service_server::PayoutServiceServer,
    },
};

#[derive(Clone, Default)]
pub struct StandIn {
    heard: Arc<Mutex<Vec<Payload>>>,
    pub rosters: Arc<Mutex<BTreeMap<String, Vec<SealedRosterLine>>>>,
    /// Most lines of a page; 0 for what is asked for.
    pub page: Arc<AtomicUsize>,
    /// Pages it still answers, if it is to fall silent.
    pub answers: Arc<Mutex<Option<usize>>>,
}

impl StandIn {
    pub fn routes(&self) -> Routes {
        Routes::new(EventSinkServiceServer::new(self.clone()))
            .add_service(PayoutServiceServer::new(self.clone()))
    }

    /// Everything heard since the last call.
    pub fn heard(&self) -> Vec<Payload> {
        std::mem::take(&mut *self.heard.lock().expect("lock"))
    }
}

#[tonic::async_trait]
impl EventSinkService for StandIn {
    async fn deliver(
        &self,
        request: Request<DeliverRequest>,
    ) -> Result<Response<DeliverResponse>, Status> {
        let event = Event::read(Bytes::from(request.into_inner().event)).expect("an event");
        let payload = event.payload.expect("a payload");
        self.heard.lock().expect("lock").push(payload);
        Ok(Response::new(DeliverResponse {}))
    }
}

#[tonic::async_trait]
impl PayoutService for StandIn {
    async fn list_sealed_roster_lines(
        &self,
        request: Request<ListSealedRosterLinesRequest>,
    ) -> Result<Response<ListSealedRosterLinesResponse>, Status> {
        if let Some(left) = &mut *self.answers.lock().expect("lock") {
            *left = left
                .checked_sub(1)
                .ok_or_else(|| Status::unavailable("silent"))?;
        }
        let ask = request.into_inner();
        let rosters = self.rosters.lock().expect("lock");
        let lines = rosters
            .get(&ask.parent)
            .ok_or_else(|| Status::not_found("no such roster"))?;
        let from = ask.page_token.parse().unwrap_or(0);
        let size = match self.page.load(Ordering::SeqCst) {
            0 => usize::try_from(ask.page_size).expect("a size"),
            size => size,
        };
        let end = (from + size).min(lines.len());
        let more = end < lines.len();
        Ok(Response::new(ListSealedRosterLinesResponse {
            lines: lines[from..end].to_vec(),
            next_page_token: if more { end.to_string() } else { String::new() },
        }))
    }

    async fn list_payees(
        &self,
        _: Request<ListPayeesRequest>,
    ) -> Result<Response<ListPayeesResponse>, Status> {
        Err(Status::permission_denied("the ledger pays nobody"))
    }
}
