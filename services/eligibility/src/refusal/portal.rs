//! Why the public, or an office that hears it, is refused (F26, C.5).

use tonic::Code;
use yuhui_platform::refusal::{ErrorReason, Precondition, Refusal};

/// Closed list of refusals about receipts, notices and reports.
#[derive(Debug, Clone)]
pub(crate) enum NotHeard {
    /// No such number, or not its code, or guessed at too often today: nobody is told which.
    NumberAndCode,
    /// The claim was not lodged: it has no receipt.
    NotLodged { case: String },
    /// The notice hangs no more: a report may be made at any time, an objection not.
    NotInForce { notice: String, last_on: String },
    /// Somebody has objected to a line of the notice, and nobody has taken that up.
    ObjectionWaits { notice: String, report: String },
    /// An objection is taken up before it is answered.
    NotAdmitted { report: String },
    /// The case that it is about is being looked into.
    InquiryOpen { report: String, case: String },
    /// The report is not in a state that allows the step.
    ReportState {
        report: String,
        state: &'static str,
        allowed: &'static str,
    },
}

impl Refusal for NotHeard {
    fn reason(&self) -> ErrorReason {
        match self {
            Self::NumberAndCode => ErrorReason::NoSuchNumberAndCode,
            Self::NotLodged { .. } => ErrorReason::NotLodged,
            Self::NotInForce { .. } => ErrorReason::NoticeNotInForce,
            Self::ObjectionWaits { .. } => ErrorReason::ObjectionWaits,
            Self::NotAdmitted { .. } => ErrorReason::ReportNotAdmitted,
            Self::InquiryOpen { .. } => ErrorReason::InquiryOpen,
            Self::ReportState { .. } => ErrorReason::ReportState,
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::NumberAndCode => Code::NotFound,
            _ => Code::FailedPrecondition,
        }
    }

    fn clause(&self) -> Option<&str> {
        match self {
            Self::NotInForce { .. } | Self::ObjectionWaits { .. } => Some("四(一)2"),
            Self::NotAdmitted { .. } | Self::InquiryOpen { .. } => Some("七2"),
            _ => None,
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::NumberAndCode => "编号与查询码不符，或者当日查询失败次数过多".into(),
            Self::NotLodged { .. } => "尚未申报，没有受理编号".into(),
            Self::NotInForce { last_on, .. } => {
                format!("公示期至 {last_on} 止，期满后可以举报")
            }
            Self::ObjectionWaits { .. } => "公示期内收到的异议尚未受理，受理后方可结束公示".into(),
            Self::NotAdmitted { .. } => "公示期内的异议须先受理核查，再予答复".into(),
            Self::InquiryOpen { .. } => "所涉案件正在核查，核查结束后方可答复".into(),
            Self::ReportState { state, allowed, .. } => {
                format!("该举报（异议）状态为 {state}，须为 {allowed}")
            }
        }
    }

    fn en(&self) -> String {
        match self {
            Self::NumberAndCode => {
                "no such number with that code, or too many wrong answers today".into()
            }
            Self::NotLodged { .. } => "the claim was not lodged and has no receipt".into(),
            Self::NotInForce { last_on, .. } => {
                format!("the notice was in force until {last_on}: make a report instead")
            }
            Self::ObjectionWaits { .. } => {
                "an objection to a line of the notice waits: take it up first".into()
            }
            Self::NotAdmitted { .. } => {
                "an objection to a line of a notice is taken up before it is answered".into()
            }
            Self::InquiryOpen { .. } => {
                "the case is being looked into: answer when that is over".into()
            }
            Self::ReportState { state, allowed, .. } => {
                format!("the report is {state}, it must be {allowed}")
            }
        }
    }

    fn precondition(&self) -> Option<Precondition> {
        let (subject, state, allowed) = match self {
            Self::NumberAndCode => return None,
            Self::NotLodged { case } => (case, "DRAFT", "LodgeCase"),
            Self::NotInForce { notice, last_on } => (notice, last_on.as_str(), "REPORT"),
            Self::ObjectionWaits { report, .. } | Self::NotAdmitted { report } => {
                (report, "WAITING", "AdmitReport")
            }
            Self::InquiryOpen { case, .. } => (case, "INQUIRY", "ResolveInquiry"),
            Self::ReportState {
                report,
                state,
                allowed,
            } => (report, *state, *allowed),
        };
        Some(Precondition {
            subject: subject.clone(),
            state: state.into(),
            allowed: vec![allowed.to_owned()],
        })
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::ObjectionWaits { notice, .. } => {
                vec![("rule", "F9".into()), ("notice", notice.clone())]
            }
            Self::NotAdmitted { .. } => vec![("rule", "F26".into())],
            Self::InquiryOpen { report, .. } => {
                vec![("rule", "F27".into()), ("report", report.clone())]
            }
            _ => Vec::new(),
        }
    }
}
