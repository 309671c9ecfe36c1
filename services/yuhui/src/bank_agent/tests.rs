//! The agent against a stand-in for the gateway that holds one batch.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use tonic::{Request, Response, Status, transport::Server};
use yuhui_platform::{clock, pipe::pipe};
use yuhui_proto::{
    disbursement::v1::{
        self as pb,
        bank_agent_service_server::{BankAgentService, BankAgentServiceServer},
        payment_line::State,
    },
    identity::v1::{
        self as id,
        identity_service_server::{IdentityService, IdentityServiceServer},
    },
};

use super::*;

const BATCH: &str = "counties/150203/batches/1";

/// A batch, and what the agent did with it.
#[derive(Default)]
struct Held {
    lines: Vec<pb::PaymentLine>,
    acknowledged: Option<pb::AcknowledgeBatchRequest>,
    reports: Vec<Vec<pb::LineResult>>,
    /// What every report is said to say of its first line, if not what was reported.
    forged: Option<pb::line_result::Outcome>,
    /// Reports by the keys they were asked for with.
    asked: HashMap<String, usize>,
    /// Reports that were declined, by number.
    declined: Vec<usize>,
    /// Authorisations that fail before one succeeds.
    outages: u32,
    /// Who called what.
    calls: Vec<(String, &'static str)>,
}

#[derive(Clone, Default)]
struct StandIn(Arc<Mutex<Held>>);

impl StandIn {
    fn holding(count: usize) -> Self {
        let line = |number: usize| pb::PaymentLine {
            payment_key: format!("2025/{number:05}/a/1"),
            attempt: 1,
            state: State::Sent.into(),
            amount_fen: 50_000,
            ..pb::PaymentLine::default()
        };
        let stand_in = Self::default();
        stand_in.held().lines = (0..count).rev().map(line).collect();
        stand_in
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().expect("lock")
    }

    /// Notes the call under the login that the bearer names.
    fn note<T>(&self, request: Request<T>, call: &'static str) -> T {
        let bearer = request.metadata().get("authorization");
        let bearer = bearer.expect("a token").to_str().expect("text");
        let login = bearer.trim_start_matches("Bearer ").to_owned();
        self.held().calls.push((login, call));
        request.into_inner()
    }

    async fn run(&self, policy: &Policy) -> Result<Report> {
        let (channel, listener) = pipe();
        let router = Server::builder()
            .add_service(IdentityServiceServer::new(self.clone()))
            .add_service(BankAgentServiceServer::new(self.clone()));
        tokio::spawn(router.serve_with_incoming(listener));
        let who = |login: &str| Credentials {
            login: login.into(),
            password: "secret".into(),
        };
        run(
            channel,
            who("operator"),
            who("authoriser"),
            policy,
            &mut |_| {},
        )
        .await
    }
}

#[tonic::async_trait]
impl BankAgentService for StandIn {
    async fn list_batches(
        &self,
        request: Request<pb::ListBatchesRequest>,
    ) -> Result<Response<pb::ListBatchesResponse>, Status> {
        self.note(request, "batches");
        let open = self.held().lines.iter().any(is_open);
        let batch = pb::Batch {
            name: BATCH.into(),
            ..pb::Batch::default()
        };
        Ok(Response::new(pb::ListBatchesResponse {
            batches: open.then_some(batch).into_iter().collect(),
            next_page_token: String::new(),
        }))
    }

    async fn list_batch_lines(
        &self,
        request: Request<pb::ListBatchLinesRequest>,
    ) -> Result<Response<pb::ListBatchLinesResponse>, Status> {
        let ask = self.note(request, "lines");
        let from: usize = ask.page_token.parse().unwrap_or(0);
        let size = usize::try_from(ask.page_size).expect("a size");
        let held = self.held();
        let lines: Vec<_> = held.lines.iter().skip(from).take(size).cloned().collect();
        let next = from + lines.len();
        let next_page_token = match next < held.lines.len() {
            true => next.to_string(),
            false => String::new(),
        };
        Ok(Response::new(pb::ListBatchLinesResponse {
            lines,
            next_page_token,
        }))
    }

    async fn acknowledge_batch(
        &self,
        request: Request<pb::AcknowledgeBatchRequest>,
    ) -> Result<Response<pb::AcknowledgeBatchResponse>, Status> {
        let ask = self.note(request, "acknowledge");
        self.held().acknowledged = Some(ask);
        Ok(Response::new(pb::AcknowledgeBatchResponse::default()))
    }

    async fn report_results(
        &self,
        request: Request<pb::ReportResultsRequest>,
    ) -> Result<Response<pb::ReportResultsResponse>, Status> {
        let ask = self.note(request, "report");
        let mut held = self.held();
        let stands = |(number, it): &(usize, &Vec<pb::LineResult>)| {
            **it == ask.results && !held.declined.contains(number)
        };
        let known = held.reports.iter().enumerate().find(stands);
        // What was asked under the same key is answered as before, whatever became of it.
        let known = match held.asked.get(&ask.request_id) {
            Some(number) => Some(*number),
            None => known.map(|(number, _)| number),
        };
        let number = known.unwrap_or_else(|| {
            held.reports.push(ask.results);
            held.reports.len() - 1
        });
        held.asked.insert(ask.request_id, number);
        let report = pb::ResultReport {
            name: number.to_string(),
            ..pb::ResultReport::default()
        };
        Ok(Response::new(pb::ReportResultsResponse {
            report: Some(report),
        }))
    }

    async fn get_result_report(
        &self,
        request: Request<pb::GetResultReportRequest>,
    ) -> Result<Response<pb::GetResultReportResponse>, Status> {
        let ask = self.note(request, "look");
        let number: usize = ask.name.parse().expect("a number");
        let state = match self.held().declined.contains(&number) {
            true => pb::result_report::State::Declined,
            false => pb::result_report::State::Submitted,
        };
        let report = pb::ResultReport {
            name: ask.name,
            state: state.into(),
            ..pb::ResultReport::default()
        };
        Ok(Response::new(pb::GetResultReportResponse {
            report: Some(report),
            actions: Vec::new(),
        }))
    }

    async fn get_batch(
        &self,
        _: Request<pb::GetBatchRequest>,
    ) -> Result<Response<pb::GetBatchResponse>, Status> {
        Err(Status::unimplemented("not the agent's business"))
    }

    async fn list_result_reports(
        &self,
        _: Request<pb::ListResultReportsRequest>,
    ) -> Result<Response<pb::ListResultReportsResponse>, Status> {
        Err(Status::unimplemented("not the agent's business"))
    }

    async fn list_reported_results(
        &self,
        request: Request<pb::ListReportedResultsRequest>,
    ) -> Result<Response<pb::ListReportedResultsResponse>, Status> {
        let ask = self.note(request, "read");
        let number: usize = ask.parent.parse().expect("a number");
        let held = self.held();
        let mut results = held.reports[number].clone();
        if let Some(other) = held.forged {
            results[0].set_outcome(other);
        }
        Ok(Response::new(pb::ListReportedResultsResponse {
            results,
            next_page_token: String::new(),
        }))
    }

    async fn decline_results(
        &self,
        _: Request<pb::DeclineResultsRequest>,
    ) -> Result<Response<pb::DeclineResultsResponse>, Status> {
        Err(Status::unimplemented("not the agent's business"))
    }

    async fn withdraw_results(
        &self,
        _: Request<pb::WithdrawResultsRequest>,
    ) -> Result<Response<pb::WithdrawResultsResponse>, Status> {
        Err(Status::unimplemented("not the agent's business"))
    }

    async fn authorise_results(
        &self,
        request: Request<pb::AuthoriseResultsRequest>,
    ) -> Result<Response<pb::AuthoriseResultsResponse>, Status> {
        let ask = self.note(request, "authorise");
        let mut held = self.held();
        let number: usize = ask.name.parse().expect("a number");
        assert_eq!(ask.digest, digest_of(&held.reports[number]));
        if let Some(left) = held.outages.checked_sub(1) {
            held.outages = left;
            return Err(Status::unavailable("away"));
        }
        for result in held.reports[number].clone() {
            let key = result.payment_key.clone();
            let line = held.lines.iter_mut().find(|it| it.payment_key == key);
            let state = match result.outcome() {
                pb::line_result::Outcome::Credited => State::Credited,
                _ => State::Returned,
            };
            line.expect("a line").set_state(state);
        }
        Ok(Response::new(pb::AuthoriseResultsResponse::default()))
    }
}

#[tonic::async_trait]
impl IdentityService for StandIn {
    async fn sign_in(
        &self,
        request: Request<id::SignInRequest>,
    ) -> Result<Response<id::SignInResponse>, Status> {
        let ask = request.into_inner();
        assert_eq!(ask.password, "secret");
        let seconds = clock::real_now().unix_timestamp() + 300;
        let tokens = id::TokenPair {
            access_token: ask.login,
            access_expire_time: Some(prost_types::Timestamp { seconds, nanos: 0 }),
            ..id::TokenPair::default()
        };
        Ok(Response::new(id::SignInResponse {
            tokens: Some(tokens),
            ..id::SignInResponse::default()
        }))
    }

    async fn refresh_session(
        &self,
        _: Request<id::RefreshSessionRequest>,
    ) -> Result<Response<id::RefreshSessionResponse>, Status> {
        Err(Status::unimplemented("not the agent's business"))
    }

    async fn sign_out(
        &self,
        _: Request<id::SignOutRequest>,
    ) -> Result<Response<id::SignOutResponse>, Status> {
        Err(Status::unimplemented("not the agent's business"))
    }

    async fn get_session(
        &self,
        _: Request<id::GetSessionRequest>,
    ) -> Result<Response<id::GetSessionResponse>, Status> {
        Err(Status::unimplemented("not the agent's business"))
    }

    async fn open_granted_session(
        &self,
        _: Request<id::OpenGrantedSessionRequest>,
    ) -> Result<Response<id::OpenGrantedSessionResponse>, Status> {
        Err(Status::unimplemented("not the agent's business"))
    }

    async fn change_password(
        &self,
        _: Request<id::ChangePasswordRequest>,
    ) -> Result<Response<id::ChangePasswordResponse>, Status> {
        Err(Status::unimplemented("not the agent's business"))
    }
}

const POLICY: Policy = Policy {
    fail_permille: 100,
    seed: 126,
};

#[tokio::test]
async fn a_batch_is_received_whole_acknowledged_and_settled_by_two_persons() {
    let bank = StandIn::holding(1100);
    let report = bank.run(&POLICY).await.expect("executed");
    assert_eq!(report.batches, 1);
    assert_eq!(report.credited.lines + report.returned.lines, 1100);
    assert!(report.returned.lines > 0);

    let held = bank.held();
    let acknowledged = held.acknowledged.as_ref().expect("acknowledged");
    let whole = Received {
        lines: held.lines.clone(),
    };
    assert_eq!(
        (acknowledged.line_count, acknowledged.total_fen),
        (1100, 55_000_000)
    );
    assert_eq!(acknowledged.hash, whole.hash(BATCH));
    let returned = held.lines.iter().filter(|it| it.state() == State::Returned);
    assert_eq!(returned.count() as u64, report.returned.lines);
    for (login, call) in &held.calls {
        let expected = if ["authorise", "look", "read"].contains(call) {
            "authoriser"
        } else {
            "operator"
        };
        assert_eq!(login, expected, "{call}");
    }
}

#[tokio::test]
async fn a_run_that_was_cut_off_is_taken_up_with_the_same_reports() {
    let bank = StandIn::holding(1100);
    bank.held().outages = 1;
    bank.run(&POLICY).await.expect_err("cut off");
    assert_eq!(bank.held().reports.len(), 1);
    let report = bank.run(&POLICY).await.expect("taken up");
    assert_eq!(report.credited.lines + report.returned.lines, 1100);
    assert_eq!(bank.held().reports.len(), 2);
    let idle = bank.run(&POLICY).await.expect("nothing to do");
    assert_eq!(idle, Report::default());
}

#[tokio::test]
async fn a_report_that_was_declined_is_made_anew_and_one_that_says_otherwise_is_not_signed() {
    let bank = StandIn::holding(3);
    bank.held().declined.push(0);
    let report = bank.run(&POLICY).await.expect("executed");
    assert_eq!(report.credited.lines + report.returned.lines, 3);
    assert_eq!(bank.held().reports.len(), 2, "the first was declined");

    let bank = StandIn::holding(3);
    bank.held().forged = Some(pb::line_result::Outcome::Unspecified);
    let error = bank.run(&POLICY).await.expect_err("not what the bank did");
    assert!(format!("{error:#}").contains("did not do"), "{error:#}");
    assert!(bank.held().lines.iter().all(is_open), "nothing is in force");
}
