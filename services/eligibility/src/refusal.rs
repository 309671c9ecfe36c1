//! Why a request about a case is refused.

pub(crate) mod documents;
pub(crate) mod packs;
pub(crate) mod portal;
pub(crate) mod recording;
pub(crate) mod review;

use tonic::Code;
use yuhui_kernel::dates;
use yuhui_platform::refusal::{ErrorReason, Precondition, Refusal, Violation, name_of};
use yuhui_policy::Reason;

use crate::domain::{Case, NotAllowed, Outcome, ProposalKind, State, roster::Roster, waiting};

/// Closed list of refusals of this service.
#[derive(Debug, Clone)]
pub(crate) enum Refused {
    /// The step does not fit the state of the case.
    WrongState { case: String, refused: NotAllowed },
    /// The rules, run again on the day, do not say PAY.
    RulesDisagree {
        case: String,
        decision: &'static str,
        reason: String,
        clause: String,
    },
    /// The rules do not say what the caller wants to do: a reason of the caller's own is needed.
    RulesPay {
        case: String,
        decision: &'static str,
    },
    /// What the rules say now is not what was posted (R-PRC-8): review and notice begin anew.
    ResultChanged { case: String },
    /// Something that could change the result is not known: nothing is decided, and nobody refused for it.
    Waiting {
        case: String,
        reason: String,
        awaited: String,
    },
    /// The registers were asked too long ago (F10).
    AnswersTooOld { case: String, evaluated_on: String },
    /// Acceptance is refused for want of competence, standing, or as a duplicate only.
    NoGroundToRefuse {
        case: String,
        decision: &'static str,
    },
    /// Nobody has reported on the case at this stage.
    NoReport { case: String },
    /// The notice is not over: seven days, posting day not counted.
    NoticeNotOver { notice: String, last_on: String },
    /// The notice was taken down before.
    NoticeClosed { notice: String },
    /// The case is on no notice, or its notice is still open.
    NoticeMissing { case: String },
    /// There is nothing to post or to put on a roster.
    NothingThere { parent: String },
    /// Nobody but who made a proposal takes it back.
    NotTheProposer { case: String },
    /// A proposal of that kind is not waiting.
    NoProposal { case: String, kind: &'static str },
    /// Another proposal is waiting already.
    ProposalWaiting { case: String, kind: &'static str },
    /// The rules no longer say what the proposal rests on: it is proposed anew, or falls.
    ProposalOutdated {
        case: String,
        decision: &'static str,
        reason: String,
    },
    /// The roster is not in the state the step needs.
    RosterState {
        roster: String,
        state: &'static str,
        allowed: &'static str,
    },
    /// Something is being done with the roster.
    RosterBusy { roster: String, operation: String },
    /// Cases were confirmed, stopped or changed since the roster was built.
    RosterStale { roster: String },
    /// The batch of the round has gone out: what is confirmed now joins the next (R-PRC-3).
    RoundClosed { parent: String, round: i32 },
    /// Case of another stage named in a list.
    CaseDoesNotFit { case: String, state: State },
    /// Nothing shows that the claimant has died (C.7).
    DeathNotShown { case: String },
    /// The term of a returned case is still running.
    TermRunning { case: String, due_on: String },
    /// Somebody should look at it by itself: the rules do not simply pay, or somebody spoke against it.
    NotRoutine { case: String },
}

impl Refused {
    /// What the rules said instead, with the clause it rests on.
    pub(crate) fn rules_disagree(case: &str, outcome: &Outcome) -> Self {
        let found = &outcome.found;
        Self::RulesDisagree {
            case: case.into(),
            decision: found.decision.code(),
            reason: found.reason.map(Reason::code).unwrap_or_default().into(),
            // The clause of the grant comes first, then those of the rules that fail.
            clause: found
                .cites
                .get(1)
                .or(found.cites.first())
                .map_or("", |it| it.as_str())
                .into(),
        }
    }

    /// What the case waits for.
    pub(crate) fn waiting(case: &Case, outcome: &Outcome) -> Self {
        Self::waiting_since(
            case,
            outcome.found.reason.map(Reason::code).unwrap_or_default(),
        )
    }

    /// The same of a case that was found to wait before.
    pub(crate) fn waiting_since(case: &Case, reason: &str) -> Self {
        Self::Waiting {
            case: case.name(),
            reason: reason.into(),
            awaited: waiting::told(&case.waiting_for),
        }
    }

    /// What the rules say instead of what a proposal rests on.
    pub(crate) fn proposal_outdated(case: &str, outcome: &Outcome) -> Self {
        let found = &outcome.found;
        Self::ProposalOutdated {
            case: case.into(),
            decision: found.decision.code(),
            reason: found.reason.map(Reason::code).unwrap_or_default().into(),
        }
    }

    pub(crate) fn proposal_waiting(case: &str, kind: ProposalKind) -> Self {
        Self::ProposalWaiting {
            case: case.into(),
            kind: kind.as_str(),
        }
    }
}

impl Refused {
    /// Nothing waits for approval on the case of that name.
    pub(crate) const fn nothing_waits(case: String) -> Self {
        let kind = "PROPOSAL";
        Self::NoProposal { case, kind }
    }

    /// Something is being done with this roster.
    pub(crate) fn busy(roster: &Roster) -> Self {
        Self::RosterBusy {
            roster: roster.name(),
            operation: roster.operation.clone(),
        }
    }
}

impl Refusal for Refused {
    fn reason(&self) -> ErrorReason {
        match self {
            Self::WrongState { .. } => ErrorReason::WrongState,
            Self::RulesDisagree { .. } => ErrorReason::RulesDisagree,
            Self::RulesPay { .. } => ErrorReason::RulesPay,
            Self::ResultChanged { .. } => ErrorReason::ResultChanged,
            Self::Waiting { .. } => ErrorReason::WaitingForRegister,
            Self::AnswersTooOld { .. } => ErrorReason::AnswersTooOld,
            Self::NoGroundToRefuse { .. } => ErrorReason::NoGroundToRefuse,
            Self::NoReport { .. } => ErrorReason::NoReport,
            Self::NoticeNotOver { .. } => ErrorReason::NoticeNotOver,
            Self::NoticeClosed { .. } => ErrorReason::NoticeClosed,
            Self::NoticeMissing { .. } => ErrorReason::NoticeMissing,
            Self::NothingThere { .. } => ErrorReason::NothingThere,
            Self::NotTheProposer { .. } => ErrorReason::NotTheMaker,
            Self::NoProposal { .. } => ErrorReason::NoProposal,
            Self::ProposalWaiting { .. } => ErrorReason::ProposalWaiting,
            Self::ProposalOutdated { .. } => ErrorReason::ProposalOutdated,
            Self::RosterState { .. } => ErrorReason::RosterState,
            Self::RosterBusy { .. } => ErrorReason::RosterBusy,
            Self::RosterStale { .. } => ErrorReason::RosterStale,
            Self::RoundClosed { .. } => ErrorReason::RoundClosed,
            Self::CaseDoesNotFit { .. } => ErrorReason::CaseDoesNotFit,
            Self::DeathNotShown { .. } => ErrorReason::DeathNotShown,
            Self::TermRunning { .. } => ErrorReason::TermRunning,
            Self::NotRoutine { .. } => ErrorReason::NotRoutine,
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::NotTheProposer { .. } => Code::PermissionDenied,
            _ => Code::FailedPrecondition,
        }
    }

    fn clause(&self) -> Option<&str> {
        match self {
            Self::RulesDisagree { clause, .. } => (!clause.is_empty()).then_some(clause),
            Self::NoticeNotOver { .. }
            | Self::NoticeClosed { .. }
            | Self::NoticeMissing { .. }
            | Self::ResultChanged { .. } => Some("四(一)2"),
            Self::NoReport { .. } | Self::AnswersTooOld { .. } | Self::Waiting { .. } => {
                Some("五(三)6")
            }
            Self::DeathNotShown { .. } => Some("三(一)2(1)"),
            Self::RosterState { .. }
            | Self::RosterBusy { .. }
            | Self::RosterStale { .. }
            | Self::RoundClosed { .. } => Some("四(一)4"),
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
                format!("当日复核结论为 {decision}（{reason}），不能办理")
            }
            Self::RulesPay { decision, .. } => format!("规则结论为 {decision}，须说明理由代码"),
            Self::ResultChanged { .. } => "当日复核结论与公示内容不一致，须重新审核并公示".into(),
            Self::Waiting { awaited, .. } => {
                format!("尚待登记部门核实，核实前不作决定，也不因此不予确认：{awaited}")
            }
            Self::AnswersTooOld { evaluated_on, .. } => {
                format!("部门核查结果截至 {evaluated_on}，已超过30日，须重新核查")
            }
            Self::NoGroundToRefuse { decision, .. } => {
                format!("规则结论为 {decision}，不属于不予受理情形")
            }
            Self::NoReport { .. } => "本级调查员尚未签署意见".into(),
            Self::NoticeNotOver { last_on, .. } => format!("公示至 {last_on} 止，期满后方可办理"),
            Self::NoticeClosed { .. } => "公示已经结束".into(),
            Self::NoticeMissing { .. } => "尚未公示或公示未结束".into(),
            Self::NothingThere { .. } => "没有可办理的案件".into(),
            Self::NotTheProposer { .. } => "只有经办人本人可以撤回".into(),
            Self::NoProposal { kind, .. } => format!("没有待审批的提议（{kind}）"),
            Self::ProposalWaiting { kind, .. } => format!("已有待审批的提议（{kind}）"),
            Self::ProposalOutdated {
                decision, reason, ..
            } => {
                format!("提议所依据的情形已变化，现核查结论为 {decision}（{reason}），须重新提出")
            }
            Self::RosterState { state, allowed, .. } => {
                format!("花名册状态为 {state}，须为 {allowed}")
            }
            Self::RosterBusy { .. } => "花名册正在办理中，请稍后再试".into(),
            Self::RosterStale { .. } => "花名册编制后案件有变动，须重新编制".into(),
            Self::RoundClosed { round, .. } => {
                format!("{round}年度发放批次已结束，新确认案件列入下一年度花名册")
            }
            Self::CaseDoesNotFit { state, .. } => {
                format!("所列案件状态为“{}”，不能列入", state.chinese())
            }
            Self::DeathNotShown { .. } => {
                "登记信息未显示申请人死亡，须先上传死亡证明或者监护证明".into()
            }
            Self::TermRunning { due_on, .. } => format!("补正期限至 {due_on}，尚未届满"),
            Self::NotRoutine { .. } => "该案件须单独办理：结论并非直接发放，或者曾有异议".into(),
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
            Self::ResultChanged { .. } => {
                "the rules no longer say what was posted: review and post again".into()
            }
            Self::Waiting {
                reason, awaited, ..
            } => {
                format!(
                    "a register has not answered ({reason}), and nothing is decided until it has: {awaited}"
                )
            }
            Self::AnswersTooOld { evaluated_on, .. } => {
                format!("the registers answered on {evaluated_on}, over 30 days ago: report again")
            }
            Self::NoGroundToRefuse { decision, .. } => {
                format!("the rules say {decision}, which is no ground not to take the claim up")
            }
            Self::NoReport { .. } => "nobody has reported on the case at this stage".into(),
            Self::NoticeNotOver { last_on, .. } => format!("the notice runs until {last_on}"),
            Self::NoticeClosed { .. } => "the notice was taken down before".into(),
            Self::NoticeMissing { .. } => "the case is on no notice, or its notice is open".into(),
            Self::NothingThere { .. } => "there is no case to do this with".into(),
            Self::NotTheProposer { .. } => "nobody but who made it withdraws it".into(),
            Self::NoProposal { kind, .. } => format!("no {kind} is waiting for approval"),
            Self::ProposalWaiting { kind, .. } => {
                format!("a {kind} is waiting for approval already")
            }
            Self::ProposalOutdated {
                decision, reason, ..
            } => {
                format!("the rules now say {decision} {reason}: propose it again")
            }
            Self::RosterState { state, allowed, .. } => {
                format!("the roster is {state}, it must be {allowed}")
            }
            Self::RosterBusy { operation, .. } => {
                format!("{operation} is at work on the roster: try again when it has ended")
            }
            Self::RosterStale { .. } => {
                "cases changed since the roster was built: build it again".into()
            }
            Self::RoundClosed { round, .. } => {
                format!("the batch of round {round} has gone out: build the roster of the next")
            }
            Self::CaseDoesNotFit { case, state } => {
                format!("{case} is in state {} and cannot be listed", state.as_str())
            }
            Self::DeathNotShown { .. } => {
                "no register says that the claimant died, and no certificate is in the file".into()
            }
            Self::TermRunning { due_on, .. } => {
                format!("the term of correction runs until {due_on}")
            }
            Self::NotRoutine { .. } => {
                "look at it by itself: the rules do not simply pay, or somebody spoke against it"
                    .into()
            }
        }
    }

    fn precondition(&self) -> Option<Precondition> {
        let (subject, state, allowed) = match self {
            Self::WrongState { case, refused } => {
                let allowed = refused.allowed.iter().map(|it| format!("{it:?}")).collect();
                (case, refused.state.as_str(), allowed)
            }
            Self::RulesDisagree { case, decision, .. }
            | Self::ProposalOutdated { case, decision, .. }
            | Self::RulesPay { case, decision }
            | Self::NoGroundToRefuse { case, decision } => (case, *decision, vec![]),
            Self::RosterState {
                roster,
                state,
                allowed,
            } => (roster, *state, vec![(*allowed).to_owned()]),
            Self::CaseDoesNotFit { case, state } => (case, state.as_str(), vec![]),
            Self::RosterBusy { roster, operation } => (roster, operation.as_str(), vec![]),
            Self::NoReport { case }
            | Self::ResultChanged { case }
            | Self::NoticeMissing { case }
            | Self::RosterStale { roster: case }
            | Self::NoticeClosed { notice: case }
            | Self::RoundClosed { parent: case, .. }
            | Self::NotTheProposer { case }
            | Self::NotRoutine { case }
            | Self::DeathNotShown { case }
            | Self::NothingThere { parent: case } => (case, name_of(self.reason()), vec![]),
            Self::NoProposal { case, kind } | Self::ProposalWaiting { case, kind } => {
                (case, *kind, vec![])
            }
            Self::NoticeNotOver {
                notice,
                last_on: day,
            }
            | Self::TermRunning {
                case: notice,
                due_on: day,
            }
            | Self::AnswersTooOld {
                case: notice,
                evaluated_on: day,
            } => (notice, &**day, vec![]),
            Self::Waiting { case, reason, .. } => (case, &**reason, vec![]),
        };
        Some(Precondition {
            subject: subject.clone(),
            state: state.into(),
            allowed,
        })
    }
}

/// A step taken, or the refusal that names the case.
pub(crate) fn fits(taken: Result<(), NotAllowed>, case: &Case) -> Result<(), Refused> {
    taken.map_err(|refused| Refused::WrongState {
        case: case.name(),
        refused,
    })
}

/// A field that must not be empty.
pub(crate) fn required(field: &str) -> Violation {
    Violation::new(field, "必填", "is required")
}

/// A day, as refusals name it.
pub(crate) fn day(date: time::Date) -> String {
    dates::format(date)
}
