//! Refusals: requests that are answered with a reason, not with success.
//!
//! Every service has a closed enum of its refusals and implements [`Refusal`]
//! for it; this module renders them, in one place, as a gRPC status with
//! google.rpc details. The English message is the status message, the Chinese
//! one travels as `LocalizedMessage`.

use std::{collections::HashMap, fmt::Debug};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};
pub use yuhui_proto::{check::Violation, errors::v1::ErrorReason};

use crate::bounds::{VIOLATION, bound, cut, echo};

/// `ErrorInfo.domain` of every refusal.
pub const DOMAIN: &str = "yuhui";
/// What the names of reasons begin with in the contract, and not on the wire.
const PREFIX: &str = "ERROR_REASON_";

/// Why a request is refused.
pub trait Refusal: Debug {
    /// Stable reason for programs.
    fn reason(&self) -> ErrorReason;
    /// gRPC status code.
    fn code(&self) -> Code;
    /// Clause of the policy that demands the refusal, e.g. `三(一)1(8)`.
    fn clause(&self) -> Option<&str> {
        None
    }
    /// Message in Chinese.
    fn zh(&self) -> String;
    /// Message in English, lower case, without full stop.
    fn en(&self) -> String;
    /// Fields at fault, for `INVALID_ARGUMENT`.
    fn violations(&self) -> Vec<Violation> {
        Vec::new()
    }
    /// State that stands against it, for `FAILED_PRECONDITION`.
    fn precondition(&self) -> Option<Precondition> {
        None
    }
    /// Further `ErrorInfo` metadata.
    fn metadata(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
}

/// The state of an object that does not allow what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precondition {
    /// Resource name of the object.
    pub subject: String,
    /// Its state now.
    pub state: String,
    /// Transitions that the state allows.
    pub allowed: Vec<String>,
}

/// Refusals that every service shares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Common {
    /// There is no such object, or none that the caller may see.
    NotFound(String),
    /// The request is malformed whatever the state.
    Invalid(Vec<Violation>),
    /// Another request won the race; the same request may be sent again.
    Aborted,
    /// What was looked at is not what is there: it is to be read again before it is asked anew.
    ChangedSinceSeen,
    /// The idempotency key was used for another request body.
    RequestIdReused,
    /// The caller belongs to no county.
    NoTenant,
    /// An event that is another service's to tell.
    ForeignEvent,
    /// Something the answer depends on does not answer.
    Unavailable(String),
    /// It is there, and has too much to do just now.
    Busy(String),
    /// A separation-of-duties rule stands against this caller (SOD, DYN).
    Denied {
        /// Id of the rule, e.g. `DYN-1`.
        rule: &'static str,
        /// Why, in Chinese.
        zh: &'static str,
        /// Why, in English.
        en: &'static str,
    },
}

/// No such object, or none that the caller may see.
#[must_use]
pub fn not_found(name: impl Into<String>) -> Common {
    Common::NotFound(name.into())
}

/// Malformed whatever the state.
#[must_use]
pub fn invalid(violations: Vec<Violation>) -> Common {
    Common::Invalid(violations)
}

/// Another request won the race.
#[must_use]
pub fn aborted() -> Common {
    Common::Aborted
}

/// Nobody signs or approves unseen: `stated`, the etag or digest of what was looked at, is that of what is there.
///
/// # Errors
/// `CHANGED_SINCE_SEEN` if it is another's.
pub fn seen(stated: &str, now: &str) -> Result<(), Common> {
    if stated.eq_ignore_ascii_case(now) {
        Ok(())
    } else {
        Err(Common::ChangedSinceSeen)
    }
}

/// `what` does not answer.
#[must_use]
pub fn unavailable(what: impl Into<String>) -> Common {
    Common::Unavailable(what.into())
}

/// `what` has too much to do just now; the same request may be sent again.
#[must_use]
pub fn busy(what: impl Into<String>) -> Common {
    Common::Busy(what.into())
}

/// A dynamic rule of separation of duties stands against this caller.
#[must_use]
pub fn denied(rule: &'static str, zh: &'static str, en: &'static str) -> Common {
    Common::Denied { rule, zh, en }
}

/// DYN-1: who made a thing does not approve it, under whatever account. Each service says in its own
/// words what was made.
#[must_use]
pub fn same_hand(zh: &'static str, en: &'static str) -> Common {
    denied("DYN-1", zh, en)
}

impl Refusal for Common {
    fn reason(&self) -> ErrorReason {
        match self {
            Self::NotFound(_) => ErrorReason::NotFound,
            Self::Invalid(_) => ErrorReason::InvalidArgument,
            Self::Aborted => ErrorReason::LostRace,
            Self::ChangedSinceSeen => ErrorReason::ChangedSinceSeen,
            Self::RequestIdReused => ErrorReason::RequestIdReused,
            Self::NoTenant => ErrorReason::NoTenant,
            Self::ForeignEvent => ErrorReason::ForeignEvent,
            Self::Unavailable(_) => ErrorReason::Unavailable,
            Self::Busy(_) => ErrorReason::Busy,
            Self::Denied { .. } => ErrorReason::SeparationOfDuties,
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::NotFound(_) => Code::NotFound,
            Self::Invalid(_) => Code::InvalidArgument,
            Self::Aborted | Self::ChangedSinceSeen => Code::Aborted,
            Self::RequestIdReused => Code::AlreadyExists,
            Self::NoTenant | Self::ForeignEvent | Self::Denied { .. } => Code::PermissionDenied,
            Self::Unavailable(_) | Self::Busy(_) => Code::Unavailable,
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::NotFound(name) => format!("未找到：{}", echo(name)),
            Self::Invalid(_) => "请求内容有误".into(),
            Self::Aborted => "数据已被他人更改，请重试".into(),
            Self::ChangedSinceSeen => "所见内容此后已有变化，请重新查看后再办理".into(),
            Self::RequestIdReused => "请求编号已用于另一请求".into(),
            Self::NoTenant => "该岗位不属于任何旗县区".into(),
            Self::ForeignEvent => "该服务不得发出此类事件".into(),
            Self::Unavailable(what) => format!("{what} 暂时无法应答"),
            Self::Busy(what) => format!("{what} 繁忙，请稍后重试"),
            Self::Denied { zh, .. } => (*zh).into(),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::NotFound(name) => format!("not found: {}", echo(name)),
            Self::Invalid(_) => "the request is malformed".into(),
            Self::Aborted => "another request changed the same data, try again".into(),
            Self::ChangedSinceSeen => "it has changed since it was seen, read it again".into(),
            Self::RequestIdReused => "the request id was used for another request".into(),
            Self::NoTenant => "the role belongs to no county".into(),
            Self::ForeignEvent => "the event is another service's to tell".into(),
            Self::Unavailable(what) => format!("{what} does not answer"),
            Self::Busy(what) => format!("{what} is busy, try again later"),
            Self::Denied { en, .. } => (*en).into(),
        }
    }

    fn violations(&self) -> Vec<Violation> {
        match self {
            Self::Invalid(violations) => violations.clone(),
            _ => Vec::new(),
        }
    }

    fn metadata(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Denied { rule, .. } => vec![("rule", (*rule).to_owned())],
            _ => Vec::new(),
        }
    }
}

/// The refusal as a gRPC status with google.rpc details, no longer than an
/// error may be.
pub fn status(refusal: &(impl Refusal + ?Sized)) -> Status {
    let mut metadata: HashMap<String, String> = refusal
        .metadata()
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
    if let Some(clause) = refusal.clause() {
        metadata.insert("clause".into(), clause.into());
    }
    let mut details = ErrorDetails::new();
    if let Some(it) = refusal.precondition() {
        let allowed = it.allowed.join(",");
        let description = format!("state {}, allowed {allowed}", it.state);
        details.add_precondition_failure_violation("STATE", it.subject, description);
        metadata.insert("state".into(), it.state);
        metadata.insert("allowed".into(), allowed);
    }
    for it in refusal.violations() {
        let (en, zh) = (cut(&it.en, VIOLATION), cut(&it.zh, VIOLATION));
        details.add_bad_request_violation(it.field, format!("{en} / {zh}"));
    }
    details.set_error_info(name_of(refusal.reason()), DOMAIN, metadata);
    details.set_localized_message("zh-CN", refusal.zh());
    bound(Status::with_error_details(
        refusal.code(),
        refusal.en(),
        details,
    ))
}

/// A reason as it stands on the wire.
#[must_use]
pub fn name_of(reason: ErrorReason) -> &'static str {
    reason.as_str_name().trim_start_matches(PREFIX)
}

/// The reason of that name; unspecified if there is none.
#[must_use]
pub fn named(name: &str) -> ErrorReason {
    ErrorReason::from_str_name(&format!("{PREFIX}{name}")).unwrap_or_default()
}

/// The stable reason in a status received from a service.
#[must_use]
pub fn reason_of(status: &Status) -> Option<String> {
    status.get_details_error_info().map(|info| info.reason)
}

/// Whether a service is there and has too much to do: it said nothing of what it was asked.
#[must_use]
pub(crate) fn is_busy(status: &Status) -> bool {
    let busy = [ErrorReason::Busy, ErrorReason::CountyBusy].map(name_of);
    reason_of(status).is_some_and(|it| busy.contains(&it.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct WrongState;

    impl Refusal for WrongState {
        fn reason(&self) -> ErrorReason {
            ErrorReason::WrongState
        }
        fn code(&self) -> Code {
            Code::FailedPrecondition
        }
        fn clause(&self) -> Option<&str> {
            Some("四(一)3")
        }
        fn zh(&self) -> String {
            "状态不符".into()
        }
        fn en(&self) -> String {
            "wrong state".into()
        }
        fn precondition(&self) -> Option<Precondition> {
            Some(Precondition {
                subject: "counties/150203/cases/1".into(),
                state: "SEALED".into(),
                allowed: vec!["PAY".into()],
            })
        }
    }

    #[test]
    fn a_broken_field_rule_is_refused_like_any_other_fault() {
        let wrong = vec![Violation::new("claim.programme", "必填", "is required")];
        let (before, inside) = (
            yuhui_proto::check::invalid(wrong.clone()),
            status(&invalid(wrong)),
        );
        assert_eq!(before.code(), inside.code());
        assert_eq!(before.message(), inside.message());
        assert_eq!(before.details(), inside.details());
    }

    #[test]
    fn a_refusal_carries_reason_clause_state_and_both_languages() {
        let status = status(&WrongState);
        let details = status.get_error_details();
        let info = details.error_info().expect("error info");
        assert_eq!(
            (info.reason.as_str(), info.domain.as_str()),
            ("WRONG_STATE", DOMAIN)
        );
        assert_eq!(info.metadata["clause"], "四(一)3");
        assert_eq!(info.metadata["allowed"], "PAY");
        assert_eq!(status.message(), "wrong state");
        assert_eq!(details.localized_message().expect("zh").message, "状态不符");
        assert_eq!(reason_of(&status).as_deref(), Some("WRONG_STATE"));
    }
}
