//! Why a version of the parameters is refused.

use time::Date;
use tonic::Code;
use yuhui_kernel::dates;
use yuhui_platform::refusal::{ErrorReason, Precondition, Refusal, Violation};
use yuhui_policy::pack::PackError;

use crate::domain::policy_version::VersionState;

/// Closed list of refusals about versions.
#[derive(Debug, Clone)]
pub(crate) enum PackRefused {
    /// It was decided before.
    Decided { name: String, state: VersionState },
    /// Health endorses first, and once (D.2).
    NotEndorsed { name: String },
    /// It was endorsed before.
    Endorsed { name: String },
    /// It would apply to claims that are lodged already (R-PRC-9).
    ReachesBack {
        name: String,
        from: Date,
        today: Date,
    },
    /// It does not go together with those approved before.
    DoesNotFit { name: String, why: PackError },
    /// No version is in force on that day.
    NoneInForce { day: Date },
}

impl Refusal for PackRefused {
    fn reason(&self) -> ErrorReason {
        match self {
            Self::Decided { .. } => ErrorReason::PackDecided,
            Self::NotEndorsed { .. } => ErrorReason::PackNotEndorsed,
            Self::Endorsed { .. } => ErrorReason::PackEndorsed,
            Self::ReachesBack { .. } => ErrorReason::PackReachesBack,
            Self::DoesNotFit { .. } => ErrorReason::PackDoesNotFit,
            Self::NoneInForce { .. } => ErrorReason::NoPolicyInForce,
        }
    }

    fn code(&self) -> Code {
        Code::FailedPrecondition
    }

    fn clause(&self) -> Option<&str> {
        matches!(self, Self::NoneInForce { .. }).then_some("八")
    }

    fn zh(&self) -> String {
        match self {
            Self::Decided { state, .. } => format!("该版本已有决定（{}）", state.as_str()),
            Self::NotEndorsed { .. } => "该版本须先经市卫生健康委审批人同意".into(),
            Self::Endorsed { .. } => "市卫生健康委审批人已经同意".into(),
            Self::ReachesBack { from, today, .. } => format!(
                "生效日期 {} 须晚于批准之日 {}：已受理的申请适用申报之日的版本",
                dates::format(*from),
                dates::format(*today)
            ),
            Self::DoesNotFit { why, .. } => chinese(why),
            Self::NoneInForce { day } => format!("{} 没有有效的政策参数版本", dates::format(*day)),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::Decided { state, .. } => format!("the version is {} already", state.as_str()),
            Self::NotEndorsed { .. } => {
                "the city's health approver has not endorsed the version".into()
            }
            Self::Endorsed { .. } => "the version was endorsed before".into(),
            Self::ReachesBack { from, today, .. } => format!(
                "it begins on {}, which must be after the day of approval {}: a claim keeps the version of its lodging day",
                dates::format(*from),
                dates::format(*today)
            ),
            Self::DoesNotFit { why, .. } => why.to_string(),
            Self::NoneInForce { day } => {
                format!(
                    "no version of the parameters is in force on {}",
                    dates::format(*day)
                )
            }
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::ReachesBack { .. } => vec![("rule", "R-PRC-9".into())],
            _ => Vec::new(),
        }
    }

    fn precondition(&self) -> Option<Precondition> {
        let (subject, state) = match self {
            Self::Decided { name, state } => (name.clone(), state.as_str()),
            Self::ReachesBack { name, .. }
            | Self::DoesNotFit { name, .. }
            | Self::NotEndorsed { name } => (name.clone(), VersionState::Proposed.as_str()),
            Self::Endorsed { name } => (name.clone(), "ENDORSED"),
            Self::NoneInForce { day } => (dates::format(*day), "NONE_IN_FORCE"),
        };
        Some(Precondition {
            subject,
            state: state.into(),
            allowed: Vec::new(),
        })
    }
}

/// What is wrong with the text, in both languages; the parameter is named.
pub(crate) fn violation(error: &PackError) -> Violation {
    Violation::new("toml", chinese(error), error.to_string())
}

fn chinese(error: &PackError) -> String {
    match error {
        PackError::Unreadable(why) => format!("不是可读的TOML文本：{why}"),
        PackError::OtherPolicy { expected, found } => {
            format!("这是 `{found}` 的参数包，不是 `{expected}` 的")
        }
        PackError::Unknown { name } => format!("没有参数 `{name}`"),
        PackError::Missing { name } => format!("缺少 `{name}`"),
        PackError::WrongType {
            name,
            expected,
            found,
        } => format!("`{name}` 的取值 `{found}` 不符合要求：须为 {expected}"),
        PackError::BadDate { name, text } => {
            format!("`{name}`：`{text}` 不是YYYY-MM-DD格式的有效日期")
        }
        PackError::Contradiction { name, .. } => format!("`{name}` 的取值自相矛盾或超出范围"),
        PackError::Overlap {
            version,
            other,
            day,
        } => format!(
            "版本 `{version}` 与 `{other}` 将于 {} 同时有效",
            dates::format(*day)
        ),
        PackError::SameVersion { version } => format!("已有版本 `{version}`"),
    }
}
