//! A roster of everything that is confirmed, on its way to be paid.

use std::time::{Duration, Instant};

use tonic::Code;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        ApproveRecordingRequest, BuildRosterRequest, CaseFilter, DrawSampleRequest,
        GetRosterRequest, ListCasesRequest, ProposeRecordingRequest, PublishSeedRequest,
        RecordSampleResultRequest, Roster, RunPrePaymentCheckRequest, SealRosterRequest,
        case::State, case_service_client::CaseServiceClient,
        roster_service_client::RosterServiceClient, sampled_line,
        sampling_service_client::SamplingServiceClient,
    },
    funding::v1::{
        ApproveAppropriationRequest, ApproveCityShareRequest, ApproveCountyShareRequest,
        ListSharesRequest, Proposal, ProposeAppropriationRequest, ProposeCityShareRequest,
        ProposeCountyShareRequest, Share, funding_service_client::FundingServiceClient,
    },
    operations::v1::{
        Operation, WaitOperationRequest, operation,
        operation_service_client::OperationServiceClient,
    },
    types::v1::Programme,
};

use super::{Many, ROUND};
use crate::harness::cases::key;

/// Longest what was told another service may take to have its effect.
const PATIENCE: Duration = Duration::from_secs(1_800);

/// Calls `$client::$method` at the desk of `$role`.
macro_rules! at {
    ($many:expr, $role:ident, $client:ident . $method:ident, $request:ident { $($field:ident $(: $value:expr)?),* $(,)? }) => {
        $client::new($many.desk(Role::$role).await.call())
            .$method($request {
                $($field $(: $value)?,)*
                request_id: key(),
            })
            .await
            .expect(stringify!($method))
            .into_inner()
    };
}

/// Whether the system is killed in the middle of the work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interrupted {
    Yes,
    No,
}

pub(super) use at;

/// How long something took, told.
pub(super) struct Step(&'static str, Instant);

impl Step {
    pub(super) fn begin(what: &'static str) -> Self {
        Self(what, Instant::now())
    }

    /// Tells how long it took; answers that.
    pub(super) fn end(self, count: impl std::fmt::Display) -> Duration {
        let took = self.1.elapsed();
        println!("{:<10} {count:>8} cases  {took:>8.1?}", self.0,);
        took
    }
}

impl Many {
    /// Builds and seals a roster of all that is confirmed, and has the city record it; answers it as
    /// recorded, once the ledger knows what is owed for it.
    pub(crate) async fn seal_and_record(&mut self, interrupted: Interrupted) -> Roster {
        let step = Step::begin("built");
        let built = at!(
            self,
            CountyHealthReviewer,
            RosterServiceClient.build_roster,
            BuildRosterRequest {
                parent: self.parent(),
                programme: Programme::P1.into(),
                round: ROUND,
            }
        );
        self.ended(built.operation).await;
        let built = self.roster(built.roster.expect("a roster").name).await;
        let lines = built.line_count;
        step.end(lines);
        self.appropriate(built.total_fen / 2).await;
        self.publish_seed().await;
        let step = Step::begin("sealed");
        let name = built.name;
        let due = self.share().await;
        let sealed = at!(
            self,
            CountyHealthApprover,
            RosterServiceClient.seal_roster,
            SealRosterRequest {
                etag: built.etag,
                name: name.clone()
            }
        );
        self.interrupt(interrupted, sealed.operation.clone()).await;
        self.ended(sealed.operation).await;
        self.sealed_in = step.end(lines);
        let step = Step::begin("sampled");
        self.sample(&name).await;
        step.end(lines);
        let step = Step::begin("recorded");
        let note = "形式审查通过".to_owned();
        let checked = at!(
            self,
            CityHealthRegistrar,
            RosterServiceClient.propose_recording,
            ProposeRecordingRequest {
                name: name.clone(),
                note,
            }
        );
        self.ended(checked.operation).await;
        let recorded = at!(
            self,
            CityHealthApprover,
            RosterServiceClient.approve_recording,
            ApproveRecordingRequest {
                etag: self.roster(name.clone()).await.etag,
                name: name.clone()
            }
        );
        self.ended(recorded.operation).await;
        step.end(lines);
        let step = Step::begin("in ledger");
        let owed = due.city_due_fen + due.county_due_fen + built.total_fen;
        self.wait("the ledger knows the roster", async || {
            let share = self.share().await;
            share.city_due_fen + share.county_due_fen == owed
        })
        .await;
        step.end(lines);
        self.roster(name).await
    }

    async fn roster(&self, name: String) -> Roster {
        let desk = self.desk(Role::CountyHealthReviewer).await;
        let ask = GetRosterRequest { name };
        let roster = RosterServiceClient::new(desk.call()).get_roster(ask).await;
        roster.expect("there").into_inner().roster.expect("it")
    }

    /// Kills the system once a third of the cases are done, if anything is left to do then.
    pub(super) async fn interrupt(
        &mut self,
        interrupted: Interrupted,
        operation: Option<Operation>,
    ) {
        let mut operation = operation.expect("an operation");
        let third = i64::from(self.filled / 3);
        while interrupted == Interrupted::Yes && operation.state() == operation::State::Running {
            if operation.done >= third {
                self.kill().await;
                return;
            }
            operation = self.waited(&operation, operation.revision).await;
        }
    }

    /// The operation once it has got further than `revision`, or has ended; or after a while.
    async fn waited(&self, operation: &Operation, revision: i64) -> Operation {
        let desk = self.desk(Role::CountyHealthReviewer).await;
        let ask = WaitOperationRequest {
            name: operation.name.clone(),
            revision,
            ..WaitOperationRequest::default()
        };
        let waited = OperationServiceClient::new(desk.call())
            .wait_operation(ask)
            .await;
        waited.expect("waited").into_inner().operation.expect("it")
    }

    /// The operation once it is done.
    pub(crate) async fn ended(&self, operation: Option<Operation>) -> Operation {
        let mut operation = operation.expect("an operation");
        while operation.state() == operation::State::Running {
            operation = self.waited(&operation, 0).await;
        }
        assert_eq!(operation.state(), operation::State::Done, "{operation:?}");
        operation
    }

    /// Both shares arrive; over once every case knows.
    pub(crate) async fn fund(&self) {
        let step = Step::begin("funded");
        let share = self.share().await;
        let document = || format!("拨付凭证-{ROUND}");
        let proposed = at!(
            self,
            CountyFinanceMaker,
            FundingServiceClient.propose_county_share,
            ProposeCountyShareRequest {
                parent: self.parent(),
                round: ROUND,
                amount_fen: share.county_due_fen,
                document: document(),
            }
        );
        let Proposal { name, etag, .. } = proposed.proposal.expect("a proposal");
        at!(
            self,
            CountyFinanceApprover,
            FundingServiceClient.approve_county_share,
            ApproveCountyShareRequest { name, etag }
        );
        let proposed = at!(
            self,
            CityFinanceMaker,
            FundingServiceClient.propose_city_share,
            ProposeCityShareRequest {
                parent: self.parent(),
                round: ROUND,
                amount_fen: share.city_due_fen,
                document: document(),
            }
        );
        let Proposal { name, etag, .. } = proposed.proposal.expect("a proposal");
        at!(
            self,
            CityFinanceApprover,
            FundingServiceClient.approve_city_share,
            ApproveCityShareRequest { name, etag }
        );
        self.wait("every case is funded", async || {
            !self.is_any(State::Recorded).await
        })
        .await;
        step.end(self.count(State::Funded).await);
    }

    /// Whether any case stands in a state.
    async fn is_any(&self, state: State) -> bool {
        let desk = self.desk(Role::CountyHealthReviewer).await;
        let ask = ListCasesRequest {
            parent: self.parent(),
            page_size: 1,
            filter: Some(in_state(state)),
            ..ListCasesRequest::default()
        };
        let page = CaseServiceClient::new(desk.call()).list_cases(ask).await;
        !page.expect("a page").into_inner().cases.is_empty()
    }

    /// The check before payment, to its end.
    pub(crate) async fn check(&mut self, interrupted: Interrupted) -> Operation {
        let step = Step::begin("checked");
        let begun = self.begin_check().await;
        self.interrupt(interrupted, Some(begun.clone())).await;
        let checked = self.ended(Some(begun)).await;
        self.checked_in = step.end(checked.done);
        checked
    }

    /// The same, of cases that were checked on the day already.
    pub(crate) async fn check_again(&self) -> Operation {
        let begun = self.begin_check().await;
        self.ended(Some(begun)).await
    }

    async fn begin_check(&self) -> Operation {
        let begun = at!(
            self,
            CountyHealthReviewer,
            CaseServiceClient.run_pre_payment_check,
            RunPrePaymentCheckRequest {
                parent: self.parent(),
                round: ROUND,
            }
        );
        begun.operation.expect("an operation")
    }

    /// How many cases stand in a state, as the county is told.
    pub(crate) async fn count(&self, state: State) -> usize {
        let desk = self.desk(Role::CountyHealthReviewer).await;
        let mut client = CaseServiceClient::new(desk.call());
        let (mut count, mut page_token) = (0, String::new());
        loop {
            let ask = ListCasesRequest {
                parent: self.parent(),
                page_size: 1_000,
                page_token,
                filter: Some(in_state(state)),
                ..ListCasesRequest::default()
            };
            let page = client.list_cases(ask).await.expect("a page").into_inner();
            count += page.cases.len();
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return count;
            }
        }
    }

    /// The budget of county finance covers its half (F.5).
    async fn appropriate(&self, amount_fen: i64) {
        let proposed = at!(
            self,
            CountyFinanceMaker,
            FundingServiceClient.propose_appropriation,
            ProposeAppropriationRequest {
                parent: self.parent(),
                round: ROUND,
                amount_fen,
                document: format!("批复指标-{ROUND}"),
            }
        );
        let Proposal { name, etag, .. } = proposed.proposal.expect("a proposal");
        at!(
            self,
            CountyFinanceApprover,
            FundingServiceClient.approve_appropriation,
            ApproveAppropriationRequest { name, etag }
        );
    }

    /// Once for the round.
    async fn publish_seed(&self) {
        let desk = self.desk(Role::CityHealthRegistrar).await;
        let ask = PublishSeedRequest {
            round: ROUND,
            seed: "公开摇号结果 07 12 23 31".into(),
            request_id: key(),
        };
        match SamplingServiceClient::new(desk.call())
            .publish_seed(ask)
            .await
        {
            Ok(_) => {}
            Err(status) if status.code() == Code::FailedPrecondition => {}
            Err(status) => panic!("the seed: {status}"),
        }
    }

    /// The registrar looks at every line of the sample, and finds nothing.
    async fn sample(&self, roster: &str) {
        let desk = self.desk(Role::CityHealthRegistrar).await;
        let mut client = SamplingServiceClient::new(desk.call());
        let ask = DrawSampleRequest {
            roster: roster.into(),
            request_id: key(),
        };
        let drawn = client.draw_sample(ask).await.expect("drawn").into_inner();
        for line in drawn.sample.expect("a sample").lines {
            let ask = RecordSampleResultRequest {
                roster: roster.into(),
                case: line.case,
                result: sampled_line::Result::Passed.into(),
                note: String::new(),
                request_id: key(),
            };
            client.record_sample_result(ask).await.expect("a result");
        }
    }

    /// What the county is owed.
    async fn share(&self) -> Share {
        let desk = self.desk(Role::CountyFinanceMaker).await;
        let ask = ListSharesRequest {
            parent: self.parent(),
            round: ROUND,
        };
        let shares = FundingServiceClient::new(desk.call())
            .list_shares(ask)
            .await;
        let shares = shares.expect("shares").into_inner().shares;
        shares.into_iter().next().unwrap_or_default()
    }

    /// Waits until something told another service has had its effect.
    pub(super) async fn wait(&self, what: &str, is_so: impl AsyncFn() -> bool) {
        let begun = Instant::now();
        while !is_so().await {
            let said = || self.said();
            assert!(begun.elapsed() < PATIENCE, "{what}, in vain:\n{}", said());
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
}

fn in_state(state: State) -> CaseFilter {
    CaseFilter {
        states: vec![state.into()],
        ..CaseFilter::default()
    }
}
