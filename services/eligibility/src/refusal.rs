//! Why a request about a case is refused.

use tonic::Code;
use yuhui_platform::refusal::{Precondition, Refusal, Violation};

use crate::domain::{NotAllowed, State, case::Outcome};

/// Closed list of refusals of this service.
#[derive(Debug, Clone)]
pub(crate) enum Refused {
    /// The step does not fit the state of the case.
    WrongState { case: String, refused: NotAllowed },
    /// The rules, run again on the day, do not say PAY.
    RulesDisagree {
        case: String,
        decision: String,
        reason: String,
        clause: String,
    },
    /// The rules do not say what the caller wants to do.
    RulesPay { case: String, decision: String },
    /// Acceptance is refused for want of competence, standing, or as a duplicate only.
    NoGroundToRefuse { case: String, decision: String },
    /// Nobody has reported on the case at this stage.
    NoReport { case: String },
    /// The notice is not over: seven days, posting day not counted.
    NoticeNotOver { object: String, last_on: String },
    /// The case is on no notice, or its notice is still open.
    NoticeMissing { case: String },
    /// There is nothing to post, build or check.
    NothingThere { what: &'static str },
    /// A proposal of that kind is not waiting.
    NoProposal { case: String, kind: &'static str },
    /// Another proposal is waiting already.
    ProposalWaiting { case: String, kind: &'static str },
    /// The roster is not in the state the step needs.
    RosterState {
        roster: String,
        state: &'static str,
        allowed: &'static str,
    },
    /// Case of another programme or stage named in a list.
    CaseDoesNotFit { case: String, state: State },
    /// The term of a returned case is still running.
    TermRunning { case: String, due_on: String },
}

impl Refusal for Refused {
    fn reason(&self) -> &'static str {
        match self {
            Self::WrongState { .. } => "WRONG_STATE",
            Self::RulesDisagree { .. } => "RULES_DISAGREE",
            Self::RulesPay { .. } => "RULES_PAY",
            Self::NoGroundToRefuse { .. } => "NO_GROUND_TO_REFUSE",
            Self::NoReport { .. } => "NO_REPORT",
            Self::NoticeNotOver { .. } => "NOTICE_NOT_OVER",
            Self::NoticeMissing { .. } => "NOTICE_MISSING",
            Self::NothingThere { .. } => "NOTHING_THERE",
            Self::NoProposal { .. } => "NO_PROPOSAL",
            Self::ProposalWaiting { .. } => "PROPOSAL_WAITING",
            Self::RosterState { .. } => "ROSTER_STATE",
            Self::CaseDoesNotFit { .. } => "CASE_DOES_NOT_FIT",
            Self::TermRunning { .. } => "TERM_RUNNING",
        }
    }

    fn code(&self) -> Code {
        Code::FailedPrecondition
    }

    fn clause(&self) -> Option<&str> {
        match self {
            Self::RulesDisagree { clause, .. } if !clause.is_empty() => Some(clause),
            Self::NoticeNotOver { .. } | Self::NoticeMissing { .. } => Some("四(一)2"),
            Self::NoReport { .. } => Some("五(三)6"),
            Self::RosterState { .. } => Some("四(一)4"),
            _ => None,
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::WrongState { refused, .. } => {
                format!("当前状态为“{}”，不能办理此事项", refused.state.chinese())
            }
            Self::RulesDisagree {
                decision, reason, ..
            } => {
                format!("当日复核结论为 {decision}（{reason}），不能确认")
            }
            Self::RulesPay { decision, .. } => format!("规则结论为 {decision}，须说明理由代码"),
            Self::NoGroundToRefuse { decision, .. } => {
                format!("规则结论为 {decision}，不属于不予受理情形")
            }
            Self::NoReport { .. } => "本级调查员尚未签署意见".into(),
            Self::NoticeNotOver { last_on, .. } => format!("公示至 {last_on} 止，期满后方可办理"),
            Self::NoticeMissing { .. } => "尚未公示或公示未结束".into(),
            Self::NothingThere { what } => format!("没有可办理的{what}"),
            Self::NoProposal { kind, .. } => format!("没有待审批的提议（{kind}）"),
            Self::ProposalWaiting { kind, .. } => format!("已有待审批的提议（{kind}）"),
            Self::RosterState { state, allowed, .. } => {
                format!("花名册状态为 {state}，须为 {allowed}")
            }
            Self::CaseDoesNotFit { state, .. } => {
                format!("所列案件状态为“{}”，不能列入", state.chinese())
            }
            Self::TermRunning { due_on, .. } => format!("补正期限至 {due_on}，尚未届满"),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::WrongState { refused, .. } => {
                format!(
                    "the case is in state {}, which does not allow this",
                    refused.state.as_str()
                )
            }
            Self::RulesDisagree {
                decision, reason, ..
            } => {
                format!("the rules, run again on the day, say {decision} {reason}")
            }
            Self::RulesPay { decision, .. } => {
                format!("the rules say {decision}: name the reason code")
            }
            Self::NoGroundToRefuse { decision, .. } => {
                format!("the rules say {decision}, which is no ground not to take the claim up")
            }
            Self::NoReport { .. } => "nobody has reported on the case at this stage".into(),
            Self::NoticeNotOver { last_on, .. } => format!("the notice runs until {last_on}"),
            Self::NoticeMissing { .. } => "the case is on no notice, or its notice is open".into(),
            Self::NothingThere { what } => format!("there is nothing to do: {what}"),
            Self::NoProposal { kind, .. } => format!("no {kind} is waiting for approval"),
            Self::ProposalWaiting { kind, .. } => {
                format!("a {kind} is waiting for approval already")
            }
            Self::RosterState { state, allowed, .. } => {
                format!("the roster is {state}, it must be {allowed}")
            }
            Self::CaseDoesNotFit { case, state } => {
                format!("{case} is in state {} and cannot be listed", state.as_str())
            }
            Self::TermRunning { due_on, .. } => {
                format!("the term of correction runs until {due_on}")
            }
        }
    }

    fn precondition(&self) -> Option<Precondition> {
        let (subject, state, allowed) = match self {
            Self::WrongState { case, refused } => (
                case.clone(),
                refused.state.as_str().to_owned(),
                refused.allowed.iter().map(|it| format!("{it:?}")).collect(),
            ),
            Self::RulesDisagree { case, decision, .. }
            | Self::RulesPay { case, decision }
            | Self::NoGroundToRefuse { case, decision } => (case.clone(), decision.clone(), vec![]),
            Self::RosterState {
                roster,
                state,
                allowed,
            } => (roster.clone(), (*state).into(), vec![(*allowed).to_owned()]),
            Self::CaseDoesNotFit { case, state } => (case.clone(), state.as_str().into(), vec![]),
            Self::NoReport { case } | Self::NoticeMissing { case } => {
                (case.clone(), self.reason().into(), vec![])
            }
            Self::NoProposal { case, kind } | Self::ProposalWaiting { case, kind } => {
                (case.clone(), (*kind).into(), vec![])
            }
            Self::NoticeNotOver { object, last_on } => (object.clone(), last_on.clone(), vec![]),
            Self::TermRunning { case, due_on } => (case.clone(), due_on.clone(), vec![]),
            Self::NothingThere { .. } => return None,
        };
        Some(Precondition {
            subject,
            state,
            allowed,
        })
    }
}

/// A field that must not be empty.
pub(crate) fn required(field: &str) -> Violation {
    Violation::new(field, "必填", "is required")
}

impl Refused {
    /// What the rules said instead, with the clause it rests on.
    pub(crate) fn rules_disagree(case: &str, outcome: &Outcome) -> Self {
        Self::RulesDisagree {
            case: case.into(),
            decision: outcome.decision.clone(),
            reason: outcome.reason.clone(),
            clause: outcome.cites.first().cloned().unwrap_or_default(),
        }
    }
}
