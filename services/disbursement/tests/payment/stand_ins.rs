//! Eligibility and funding ledger, as far as payment needs them.

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
    eligibility::v1::{Payee, SealedRosterLine},
    internal::v1::{
        BatchReleased, DeliverRequest, DeliverResponse, Event, LinesSettled,
        ListClearedCasesRequest, ListClearedCasesResponse, ListPayeesRequest, ListPayeesResponse,
        ListSealedRosterLinesRequest, ListSealedRosterLinesResponse,
        clearance_service_server::ClearanceService,
        clearance_service_server::ClearanceServiceServer, event::Payload,
        event_sink_service_server::EventSinkService,
        event_sink_service_server::EventSinkServiceServer, payout_service_server::PayoutService,
        payout_service_server::PayoutServiceServer,
    },
};

/// A service that clears the cases it is told to and keeps the events it gets.
#[derive(Clone, Default)]
pub struct StandIn {
    /// Cases, and the last day on which each was cleared.
    pub cleared: Arc<Mutex<BTreeMap<String, String>>>,
    pub heard: Arc<Mutex<Vec<Event>>>,
    /// Lines of sealed rosters.
    pub rosters: Arc<Mutex<BTreeMap<String, Vec<SealedRosterLine>>>>,
    /// Accounts of cases that were corrected.
    pub accounts: Arc<Mutex<BTreeMap<String, String>>>,
    /// Most lines of a page; 0 for what is asked for.
    pub page: Arc<AtomicUsize>,
    /// Pages it still answers, if it is to fall silent.
    pub answers: Arc<Mutex<Option<usize>>>,
}

impl StandIn {
    pub fn routes(&self) -> Routes {
        Routes::new(ClearanceServiceServer::new(self.clone()))
            .add_service(EventSinkServiceServer::new(self.clone()))
            .add_service(PayoutServiceServer::new(self.clone()))
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
        let ask = request.into_inner();
        let cleared = self.cleared.lock().expect("lock");
        let is_cleared = |case: &String| cleared.get(case).is_some_and(|on| *on >= ask.since_on);
        let cases = ask.cases.iter().filter(|it| is_cleared(it));
        let cases = cases.cloned().collect();
        Ok(Response::new(ListClearedCasesResponse { cases }))
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
        request: Request<ListPayeesRequest>,
    ) -> Result<Response<ListPayeesResponse>, Status> {
        let accounts = self.accounts.lock().expect("lock");
        let payees = request.into_inner().cases.into_iter().map(|case| {
            let id = case.rsplit('/').next().expect("an id").to_owned();
            let account = accounts.get(&case);
            let account = account.map_or("6217000010001234569", String::as_str);
            Payee {
                payee_ref: format!("payee-{id}"),
                payee_name: format!("申请人{id}"),
                account_number: account.to_owned(),
                bank_name: "包头农商行".into(),
                corporate: false,
                case,
            }
        });
        let payees = payees.collect();
        Ok(Response::new(ListPayeesResponse { payees }))
    }
}

#[tonic::async_trait]
impl EventSinkService for StandIn {
    async fn deliver(
        &self,
        request: Request<DeliverRequest>,
    ) -> Result<Response<DeliverResponse>, Status> {
        let event = Event::read(Bytes::from(request.into_inner().event)).expect("an event");
        self.heard.lock().expect("lock").push(event);
        Ok(Response::new(DeliverResponse {}))
    }
}
