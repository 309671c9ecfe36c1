//! Why this service refuses what is well formed.

use tonic::Code;
use yuhui_kernel::proposal::ProposalState;
use yuhui_platform::{
    Refusal,
    refusal::{ErrorReason, Precondition},
};

use crate::domain::Misfit;

/// Refusals of the institution register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The credit code is registered already, in this county or in another:
    /// the answer does not tell which (SOD-7).
    CreditCodeTaken,
    /// A registrar registers its own kind of institution only (R-ID-2).
    OtherRegistrar,
    /// The change was proposed by the other office.
    OtherOffice,
    /// The change was approved before.
    AlreadyApproved {
        /// Resource name of the change.
        change: String,
    },
    /// The change was declined or withdrawn.
    ChangeEnded {
        /// Resource name of the change.
        change: String,
        /// Its state.
        state: ProposalState,
    },
    /// Nobody but who proposed a change takes it back.
    NotTheMaker,
    /// The inspection was signed before.
    AlreadySigned {
        /// Resource name of the inspection.
        inspection: String,
    },
    /// The record has changed since the proposal, and it fits no more.
    FitsNoMore {
        /// Resource name of the change.
        change: String,
        /// What does not fit.
        misfit: Misfit,
    },
}

impl Refusal for Refused {
    fn reason(&self) -> ErrorReason {
        match self {
            Self::CreditCodeTaken => ErrorReason::CreditCodeTaken,
            Self::OtherRegistrar => ErrorReason::OtherRegistrar,
            Self::OtherOffice => ErrorReason::OtherOffice,
            Self::AlreadyApproved { .. } => ErrorReason::ChangeAlreadyApproved,
            Self::ChangeEnded { .. } => ErrorReason::ChangeEnded,
            Self::NotTheMaker => ErrorReason::NotTheMaker,
            Self::AlreadySigned { .. } => ErrorReason::InspectionAlreadySigned,
            Self::FitsNoMore { .. } => ErrorReason::ChangeFitsNoMore,
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::CreditCodeTaken => Code::AlreadyExists,
            Self::OtherRegistrar | Self::OtherOffice | Self::NotTheMaker => Code::PermissionDenied,
            Self::AlreadyApproved { .. }
            | Self::ChangeEnded { .. }
            | Self::AlreadySigned { .. }
            | Self::FitsNoMore { .. } => Code::FailedPrecondition,
        }
    }

    fn clause(&self) -> Option<&str> {
        match self {
            // 同一机构不得重复享受.
            Self::CreditCodeTaken => Some("五(三)3"),
            Self::OtherRegistrar => Some("三(三)1(1)"),
            Self::OtherOffice
            | Self::AlreadyApproved { .. }
            | Self::ChangeEnded { .. }
            | Self::NotTheMaker
            | Self::AlreadySigned { .. }
            | Self::FitsNoMore { .. } => None,
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::CreditCodeTaken => "一个统一社会信用代码全市只能登记一次".into(),
            Self::OtherRegistrar => "该类机构由其他登记机关登记".into(),
            Self::OtherOffice => "该变更应由提出变更的部门审批".into(),
            Self::AlreadyApproved { .. } => "该变更已审批".into(),
            Self::ChangeEnded { .. } => "该变更已被退回或者撤回".into(),
            Self::NotTheMaker => "只有经办人本人可以撤回".into(),
            Self::AlreadySigned { .. } => "该核查记录已经签署".into(),
            Self::FitsNoMore { misfit, .. } => format!("该变更已不适用：{}", misfit.zh()),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::CreditCodeTaken => {
                "a unified social credit code is registered once in the whole city".into()
            }
            Self::OtherRegistrar => "another registrar registers this kind of institution".into(),
            Self::OtherOffice => "the office that proposed the change approves it".into(),
            Self::AlreadyApproved { .. } => "the change is approved already".into(),
            Self::ChangeEnded { state, .. } => format!("the change is {}", state.as_str()),
            Self::NotTheMaker => "nobody but who proposed it withdraws it".into(),
            Self::AlreadySigned { .. } => "the inspection was signed before".into(),
            Self::FitsNoMore { misfit, .. } => {
                format!("the change fits no more: {}", misfit.en())
            }
        }
    }

    fn precondition(&self) -> Option<Precondition> {
        let (change, state) = match self {
            Self::AlreadyApproved { change } => (change, "APPROVED"),
            Self::AlreadySigned { inspection } => (inspection, "SIGNED"),
            Self::ChangeEnded { change, state } => (change, state.as_str()),
            Self::FitsNoMore { change, .. } => (change, "PROPOSED"),
            _ => return None,
        };
        Some(Precondition {
            subject: change.clone(),
            state: state.into(),
            allowed: Vec::new(),
        })
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::CreditCodeTaken | Self::OtherRegistrar => vec![("rule", "R-ID-2".into())],
            _ => Vec::new(),
        }
    }
}
