//! What a person does to one case, and the method of the contract that does it.

use yuhui_platform::refusal::ErrorReason;

use crate::domain::turn::Act;

/// One act on one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// F1, F5: the claim is changed.
    Update,
    /// F1, I1.
    Lodge,
    /// F3, I2.
    Accept,
    /// F2.
    Refuse,
    /// 五(三)6.
    Report,
    /// F7, F8, F10, I3.
    Sign,
    /// F12, I5.
    Review,
    /// F13.
    Confirm,
    /// F4.
    Return,
    /// F5.
    Resubmit,
    /// F15, I8.
    Refer,
    /// F15.
    ResolveReferral,
    /// F14, F6.
    ProposeRejection,
    /// F14, F6.
    ApproveRejection,
    /// F24.
    ProposeTermination,
    /// F24.
    ApproveTermination,
    /// F25.
    Withdraw,
    /// F23.
    ProposeAccount,
    /// F23.
    ApproveAccount,
    /// F29.
    ProposeFraud,
    /// F29.
    ApproveFraud,
    /// F28.
    Hold,
    /// F28.
    Release,
    /// F26.
    Object,
    /// F26: what a stranger said is taken up; asked of the report, not of the case.
    AdmitReport,
    /// F27.
    ReportInquiry,
    /// F27.
    ResolveInquiry,
    /// F31.
    Close,
    /// F29.
    ProposeRecovery,
    /// F29.
    ApproveRecovery,
    /// C.7.
    ProposeTakeover,
    /// C.7.
    ApproveTakeover,
    /// A checker says no to what waits.
    DeclineProposal,
    /// Its maker takes it back.
    WithdrawProposal,
    /// C.8.
    RecordDelivery,
    /// C.8.
    RequestReview,
    /// F32.
    OrderReopening,
}

impl Deed {
    /// Every act that is asked of a case itself, in the order of the life-cycle.
    pub(crate) const ALL: [Self; 36] = [
        Self::Update,
        Self::Lodge,
        Self::Accept,
        Self::Refuse,
        Self::Report,
        Self::Sign,
        Self::Review,
        Self::Confirm,
        Self::Return,
        Self::Resubmit,
        Self::Refer,
        Self::ResolveReferral,
        Self::ProposeRejection,
        Self::ApproveRejection,
        Self::ProposeTermination,
        Self::ApproveTermination,
        Self::Withdraw,
        Self::ProposeAccount,
        Self::ApproveAccount,
        Self::ProposeFraud,
        Self::ApproveFraud,
        Self::Hold,
        Self::Release,
        Self::Object,
        Self::ReportInquiry,
        Self::ResolveInquiry,
        Self::Close,
        Self::ProposeRecovery,
        Self::ApproveRecovery,
        Self::ProposeTakeover,
        Self::ApproveTakeover,
        Self::DeclineProposal,
        Self::WithdrawProposal,
        Self::RecordDelivery,
        Self::RequestReview,
        Self::OrderReopening,
    ];

    /// Path of its method.
    pub(crate) const fn path(self) -> &'static str {
        match self {
            Self::Update => "/yuhui.eligibility.v1.CaseService/UpdateCase",
            Self::Lodge => "/yuhui.eligibility.v1.CaseService/LodgeCase",
            Self::Accept => "/yuhui.eligibility.v1.CaseService/AcceptCase",
            Self::Refuse => "/yuhui.eligibility.v1.CaseService/RefuseCase",
            Self::Report => "/yuhui.eligibility.v1.CaseService/ReportCase",
            Self::Sign => "/yuhui.eligibility.v1.CaseService/SignCase",
            Self::Review => "/yuhui.eligibility.v1.CaseService/ReviewCase",
            Self::Confirm => "/yuhui.eligibility.v1.CaseService/ConfirmCase",
            Self::Return => "/yuhui.eligibility.v1.CaseService/ReturnCase",
            Self::Resubmit => "/yuhui.eligibility.v1.CaseService/ResubmitCase",
            Self::Refer => "/yuhui.eligibility.v1.CaseService/ReferCase",
            Self::ResolveReferral => "/yuhui.eligibility.v1.CaseService/ResolveReferral",
            Self::ProposeRejection => "/yuhui.eligibility.v1.CaseService/ProposeRejection",
            Self::ApproveRejection => "/yuhui.eligibility.v1.CaseService/ApproveRejection",
            Self::ProposeTermination => "/yuhui.eligibility.v1.CaseService/ProposeTermination",
            Self::ApproveTermination => "/yuhui.eligibility.v1.CaseService/ApproveTermination",
            Self::Withdraw => "/yuhui.eligibility.v1.CaseService/WithdrawCase",
            Self::ProposeAccount => "/yuhui.eligibility.v1.CaseService/ProposeAccountCorrection",
            Self::ApproveAccount => "/yuhui.eligibility.v1.CaseService/ApproveAccountCorrection",
            Self::ProposeFraud => "/yuhui.eligibility.v1.CaseService/ProposeFraudFinding",
            Self::ApproveFraud => "/yuhui.eligibility.v1.CaseService/ApproveFraudFinding",
            Self::Hold => "/yuhui.eligibility.v1.CaseService/HoldCase",
            Self::Release => "/yuhui.eligibility.v1.CaseService/ReleaseHold",
            Self::Object => "/yuhui.eligibility.v1.CaseService/RecordObjection",
            Self::AdmitReport => "/yuhui.portal.v1.ReportService/AdmitReport",
            Self::ReportInquiry => "/yuhui.eligibility.v1.InquiryService/ReportInquiry",
            Self::ResolveInquiry => "/yuhui.eligibility.v1.CaseService/ResolveInquiry",
            Self::Close => "/yuhui.eligibility.v1.CaseService/CloseCase",
            Self::ProposeRecovery => "/yuhui.eligibility.v1.RecoveryService/ProposeRecovery",
            Self::ApproveRecovery => "/yuhui.eligibility.v1.RecoveryService/ApproveRecovery",
            Self::ProposeTakeover => "/yuhui.eligibility.v1.TakeoverService/ProposeTakeover",
            Self::ApproveTakeover => "/yuhui.eligibility.v1.TakeoverService/ApproveTakeover",
            Self::DeclineProposal => {
                "/yuhui.eligibility.v1.CaseProposalService/DeclineCaseProposal"
            }
            Self::WithdrawProposal => {
                "/yuhui.eligibility.v1.CaseProposalService/WithdrawCaseProposal"
            }
            Self::RecordDelivery => "/yuhui.eligibility.v1.ReviewRequestService/RecordDelivery",
            Self::RequestReview => "/yuhui.eligibility.v1.ReviewRequestService/RequestReview",
            Self::OrderReopening => "/yuhui.eligibility.v1.ReviewRequestService/OrderReopening",
        }
    }

    /// What does that which waits in the queue, if it is an act on one case.
    pub(crate) const fn of(act: Act) -> Option<Self> {
        Some(match act {
            Act::Accept => Self::Accept,
            Act::Report => Self::Report,
            Act::Sign => Self::Sign,
            Act::Review => Self::Review,
            Act::Confirm => Self::Confirm,
            Act::Correct => Self::Resubmit,
            Act::ApproveRejection => Self::ApproveRejection,
            Act::ApproveTermination => Self::ApproveTermination,
            Act::ProposeAccount => Self::ProposeAccount,
            Act::ApproveAccount => Self::ApproveAccount,
            Act::ApproveFraud => Self::ApproveFraud,
            Act::ApproveRecovery => Self::ApproveRecovery,
            Act::ApproveTakeover => Self::ApproveTakeover,
            Act::ResolveReferral => Self::ResolveReferral,
            Act::ReportInquiry => Self::ReportInquiry,
            Act::ResolveInquiry => Self::ResolveInquiry,
            Act::RecordDelivery => Self::RecordDelivery,
            Act::Close => Self::Close,
            Act::PostNotice
            | Act::CloseNotice
            | Act::BuildRoster
            | Act::SealRoster
            | Act::ProposeRecording
            | Act::ApproveRecording
            | Act::ApproveRosterReturn
            | Act::AnswerReport
            | Act::DecideReview
            | Act::ApproveReview => return None,
        })
    }

    /// Whether it depends on the reviews of the case's decisions.
    pub(crate) const fn asks_for_reviews(self) -> bool {
        matches!(self, Self::Close | Self::RequestReview)
    }

    /// Reasons for which the act itself may still be refused: the rules are run anew in it, or it depends on what
    /// the caller says.
    pub(crate) const fn may_still_fail(self) -> &'static [ErrorReason] {
        match self {
            Self::Accept | Self::ProposeRecovery | Self::ApproveRecovery => {
                &[ErrorReason::RulesDisagree]
            }
            Self::Refuse => &[ErrorReason::NoGroundToRefuse],
            Self::Report | Self::Review => {
                &[ErrorReason::RulesDisagree, ErrorReason::WaitingForRegister]
            }
            Self::Sign => &[
                ErrorReason::RulesDisagree,
                ErrorReason::WaitingForRegister,
                ErrorReason::AnswersTooOld,
            ],
            Self::Confirm => &[
                ErrorReason::RulesDisagree,
                ErrorReason::WaitingForRegister,
                ErrorReason::ResultChanged,
            ],
            Self::ProposeRejection | Self::ProposeTermination => {
                &[ErrorReason::RulesPay, ErrorReason::WaitingForRegister]
            }
            Self::ApproveRejection | Self::ApproveTermination => &[ErrorReason::ProposalOutdated],
            Self::ResolveReferral => &[
                ErrorReason::WaitingForRegister,
                ErrorReason::PanelDisagrees,
                ErrorReason::PanelNeedsChecker,
            ],
            Self::ResolveInquiry => &[ErrorReason::ObjectionUnfounded, ErrorReason::WrongState],
            Self::ProposeTakeover => &[
                ErrorReason::DeathNotShown,
                ErrorReason::RulesDisagree,
                ErrorReason::WaitingForRegister,
            ],
            Self::ApproveTakeover => &[
                ErrorReason::ProposalOutdated,
                ErrorReason::RulesDisagree,
                ErrorReason::WaitingForRegister,
            ],
            Self::ApproveFraud => &[ErrorReason::SeparationOfDuties],
            _ => &[],
        }
    }
}
