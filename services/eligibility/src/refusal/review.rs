//! Why a decision is not reviewed, a referral, an inquiry or a matter not resolved (C.8, F15, F27, F32).

use time::Date;
use tonic::Code;
use yuhui_platform::refusal::{ErrorReason, Precondition, Refusal, name_of};
use yuhui_policy::letter;

use super::day;
use crate::domain::Case;

/// Closed list of refusals about reviews, panels and inquiries.
#[derive(Debug, Clone)]
pub(crate) enum NotReviewed {
    /// The term has run.
    TermOver {
        case: String,
        last_on: String,
        government: String,
    },
    /// A review of the decision may still be requested.
    TermRuns { case: String, last_on: String },
    /// A review of the case is under way.
    Pending { case: String, review: String },
    /// The decision was reviewed before.
    Reviewed { case: String, review: String },
    /// The review is not in a state that allows the step.
    ReviewState {
        review: String,
        state: &'static str,
        allowed: &'static str,
    },
    /// The other member of the panel signed the contrary.
    PanelDisagrees { case: String, signed: &'static str },
    /// Two makers are no panel.
    PanelNeedsChecker { case: String },
    /// Fewer than two investigators have reported.
    NotInvestigated { case: String, reports: usize },
    /// No investigator found the objection true.
    Unfounded { case: String },
    /// The matter was closed before.
    MatterClosed { matter: String },
}

impl NotReviewed {
    /// The term ended on that day; reconsideration and litigation are still open.
    pub(crate) fn term_over(case: &Case, last: Date) -> Self {
        Self::TermOver {
            case: case.name(),
            last_on: day(last),
            government: letter::government(case.tenant.code(), case.tenant.name()),
        }
    }
}

impl Refusal for NotReviewed {
    fn reason(&self) -> ErrorReason {
        match self {
            Self::TermOver { .. } => ErrorReason::ReviewTermOver,
            Self::TermRuns { .. } => ErrorReason::ReviewTermRuns,
            Self::Pending { .. } => ErrorReason::ReviewPending,
            Self::Reviewed { .. } => ErrorReason::ReviewedBefore,
            Self::ReviewState { .. } => ErrorReason::ReviewState,
            Self::PanelDisagrees { .. } => ErrorReason::PanelDisagrees,
            Self::PanelNeedsChecker { .. } => ErrorReason::PanelNeedsChecker,
            Self::NotInvestigated { .. } => ErrorReason::NotInvestigated,
            Self::Unfounded { .. } => ErrorReason::ObjectionUnfounded,
            Self::MatterClosed { .. } => ErrorReason::MatterClosed,
        }
    }

    fn code(&self) -> Code {
        Code::FailedPrecondition
    }

    fn clause(&self) -> Option<&str> {
        match self {
            Self::PanelDisagrees { .. }
            | Self::PanelNeedsChecker { .. }
            | Self::NotInvestigated { .. }
            | Self::Unfounded { .. } => Some("五(三)6"),
            _ => None,
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::TermOver {
                last_on,
                government,
                ..
            } => format!(
                "复核申请期限（决定送达之日起15个工作日）已于 {last_on} 届满；仍可自知道决定之日起\
                 60日内向{government}申请行政复议，或者6个月内向人民法院提起行政诉讼（C.8）"
            ),
            Self::TermRuns { last_on, .. } => {
                format!("{last_on} 前仍可申请复核，期满后方可归档（C.8）")
            }
            Self::Pending { .. } => "该案件已有复核正在办理".into(),
            Self::Reviewed { .. } => {
                "该决定已经复核；仍不服的，可申请行政复议或者提起行政诉讼（C.8）".into()
            }
            Self::ReviewState { state, allowed, .. } => {
                format!("复核状态为 {state}，须为 {allowed}")
            }
            Self::PanelDisagrees { signed, .. } => {
                format!("另一名成员签署的意见为 {signed}，两人意见须一致（F15）")
            }
            Self::PanelNeedsChecker { .. } => "两名成员中须有一名旗县级审批人员（F15）".into(),
            Self::NotInvestigated { reports, .. } => {
                format!("须由两名核查人员提交核查报告，现有 {reports} 份（F27）")
            }
            Self::Unfounded { .. } => "核查报告均认定反映不属实，不得据此拒绝（F27）".into(),
            Self::MatterClosed { .. } => "该核查事项已经办结".into(),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::TermOver { last_on, .. } => format!(
                "the term of review, 15 working days from delivery, ended on {last_on}; administrative \
                 reconsideration (行政复议, 60 days) and litigation (行政诉讼, 6 months) are still open (C.8)"
            ),
            Self::TermRuns { last_on, .. } => format!(
                "a review may be requested until {last_on}: the case is archived after that (C.8)"
            ),
            Self::Pending { .. } => "a review of the case is under way".into(),
            Self::Reviewed { .. } => {
                "the decision was reviewed before; reconsideration and litigation are open (C.8)"
                    .into()
            }
            Self::ReviewState { state, allowed, .. } => {
                format!("the review is {state}, it must be {allowed}")
            }
            Self::PanelDisagrees { signed, .. } => {
                format!("the other member of the panel signed {signed}: both must concur (F15)")
            }
            Self::PanelNeedsChecker { .. } => {
                "one of the two members must be a county approver (F15)".into()
            }
            Self::NotInvestigated { reports, .. } => {
                format!("two investigators report before the county decides; {reports} did (F27)")
            }
            Self::Unfounded { .. } => {
                "no report finds the objection true: nothing is refused on it (F27)".into()
            }
            Self::MatterClosed { .. } => "the matter was closed before".into(),
        }
    }

    fn precondition(&self) -> Option<Precondition> {
        let (subject, state, allowed) = match self {
            Self::TermOver { case, last_on, .. } | Self::TermRuns { case, last_on } => {
                (case, last_on.as_str(), None)
            }
            Self::Pending { review, .. } | Self::Reviewed { review, .. } => {
                (review, name_of(self.reason()), None)
            }
            Self::ReviewState {
                review,
                state,
                allowed,
            } => (review, *state, Some(*allowed)),
            Self::PanelDisagrees { case, signed } => (case, *signed, Some(*signed)),
            Self::PanelNeedsChecker { case } => (case, name_of(self.reason()), None),
            Self::NotInvestigated { case, .. } => {
                (case, name_of(self.reason()), Some("ReportInquiry"))
            }
            Self::Unfounded { case } => (case, name_of(self.reason()), Some("RESUME,RETURN")),
            Self::MatterClosed { matter } => (matter, "CLOSED", None),
        };
        Some(Precondition {
            subject: subject.clone(),
            state: state.into(),
            allowed: allowed.map(ToOwned::to_owned).into_iter().collect(),
        })
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::TermOver { case, last_on, .. } => vec![
                ("case", case.clone()),
                ("last_on", last_on.clone()),
                ("rule", "C.8".into()),
                (
                    "remedies",
                    "ADMINISTRATIVE_RECONSIDERATION,LITIGATION".into(),
                ),
            ],
            Self::Pending { case, .. }
            | Self::Reviewed { case, .. }
            | Self::TermRuns { case, .. } => {
                vec![("case", case.clone()), ("rule", "C.8".into())]
            }
            Self::PanelDisagrees { .. } | Self::PanelNeedsChecker { .. } => {
                vec![("rule", "F15".into())]
            }
            Self::NotInvestigated { .. } | Self::Unfounded { .. } => {
                vec![("rule", "F27".into())]
            }
            Self::ReviewState { .. } | Self::MatterClosed { .. } => Vec::new(),
        }
    }
}
