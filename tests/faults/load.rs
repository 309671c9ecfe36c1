//! Clients that work until the system dies under them, and remember what they
//! were told.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tonic::{Code, Status};
use yuhui_kernel::Tenant;
use yuhui_proto::{
    eligibility::v1::{
        Case, CreateCaseRequest, LodgeCaseRequest, WithdrawCaseRequest, case::State,
        case_service_client::CaseServiceClient,
    },
    funding::v1::{
        ApproveAppropriationRequest, ProposeAppropriationRequest,
        funding_service_client::FundingServiceClient,
    },
};

use crate::harness::{
    cases::{self, key},
    gateway::Gateway,
    people,
};

/// A command to the village's desk.
#[derive(Clone, Debug)]
pub(super) enum Command {
    Create(Box<CreateCaseRequest>),
    Lodge(LodgeCaseRequest),
    Withdraw(WithdrawCaseRequest),
}

/// What one village clerk was told.
#[derive(Debug, Default)]
pub(super) struct Notebook {
    /// Cases and the state last acknowledged.
    pub(super) cases: BTreeMap<String, State>,
    /// Commands acknowledged, by case.
    pub(super) commands: BTreeMap<String, usize>,
    /// The command that was never answered.
    pub(super) unanswered: Option<Command>,
    /// Commands acknowledged to all clerks: how far the load has come.
    pub(super) pulse: Arc<AtomicUsize>,
}

/// Whether the system is gone, as far as the client can tell. Any other answer
/// to a sound command is a fault of its own.
fn is_gone(status: &Status) -> bool {
    let broken = [Code::Unavailable, Code::Unknown, Code::Cancelled];
    broken.contains(&status.code())
}

impl Command {
    /// Sends it.
    pub(super) async fn send(&self, gateway: &Gateway) -> Result<Case, Status> {
        let mut client = CaseServiceClient::new(gateway.call());
        let case = match self.clone() {
            Self::Create(ask) => client.create_case(*ask).await?.into_inner().case,
            Self::Lodge(ask) => client.lodge_case(ask).await?.into_inner().case,
            Self::Withdraw(ask) => client.withdraw_case(ask).await?.into_inner().case,
        };
        Ok(case.expect("a case"))
    }
}

impl Notebook {
    /// Notes an acknowledged command.
    pub(super) fn note(&mut self, case: &Case) {
        self.cases.insert(case.name.clone(), case.state());
        *self.commands.entry(case.name.clone()).or_default() += 1;
        self.pulse.fetch_add(1, Ordering::Relaxed);
    }

    /// Sends a command and notes the answer; `None` if the system died.
    async fn send(&mut self, gateway: &Gateway, command: Command) -> Option<Case> {
        match command.send(gateway).await {
            Ok(case) => {
                self.note(&case);
                Some(case)
            }
            Err(status) if is_gone(&status) => {
                self.unanswered = Some(command);
                None
            }
            Err(status) => panic!("{command:?}: {status}"),
        }
    }

    /// Lodges cases in `county`, and withdraws some, until the system dies.
    pub(super) async fn work(mut self, gateway: Gateway, county: Tenant, first: u32) -> Self {
        for serial in first.. {
            let claim = cases::claim(people::village_of(county), serial);
            let create = Command::Create(Box::new(cases::create(county, claim)));
            let Some(case) = self.send(&gateway, create).await else {
                break;
            };
            let lodge = Command::Lodge(cases::lodge(&case));
            let Some(case) = self.send(&gateway, lodge).await else {
                break;
            };
            let withdraw = Command::Withdraw(WithdrawCaseRequest {
                name: case.name.clone(),
                etag: case.etag,
                reason: "申请人主动撤回".into(),
                request_id: key(),
            });
            if serial % 4 == 0 && self.send(&gateway, withdraw).await.is_none() {
                break;
            }
        }
        self
    }
}

/// What county finance was told about its budget.
#[derive(Debug, Default)]
pub(super) struct Budget {
    /// Sum of the approved amounts, in fen.
    pub(super) approved_fen: i64,
    /// The approval that was never answered, and its amount.
    pub(super) unanswered: Option<(ApproveAppropriationRequest, i64)>,
}

impl Budget {
    /// Proposes and approves budgets of `county` until the system dies.
    pub(super) async fn work(mut self, maker: Gateway, approver: Gateway, county: Tenant) -> Self {
        let mut makers = FundingServiceClient::new(maker.call());
        let mut approvers = FundingServiceClient::new(approver.call());
        for amount_fen in 1.. {
            let ask = ProposeAppropriationRequest {
                parent: format!("counties/{}", county.as_str()),
                round: 2025,
                amount_fen,
                document: format!("包财预〔2025〕{amount_fen}号"),
                request_id: key(),
            };
            let proposal = match makers.propose_appropriation(ask).await {
                Ok(reply) => reply.into_inner().proposal.expect("a proposal"),
                Err(status) if is_gone(&status) => break,
                Err(status) => panic!("a budget is not proposed: {status}"),
            };
            let ask = ApproveAppropriationRequest {
                name: proposal.name,
                etag: proposal.etag,
                request_id: key(),
            };
            match approvers.approve_appropriation(ask.clone()).await {
                Ok(_) => self.approved_fen += amount_fen,
                Err(status) if is_gone(&status) => {
                    self.unanswered = Some((ask, amount_fen));
                    break;
                }
                Err(status) => panic!("a budget is not approved: {status}"),
            }
        }
        self
    }
}
