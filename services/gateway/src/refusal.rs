//! Why the gateway refuses a request.

use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use yuhui_platform::refusal::{self, ErrorReason, Precondition, Refusal};

use yuhui_proto::authz::v1::Role;

use crate::domain::{account::State, delegation::State as Delegated};

/// Why the gateway refuses a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The login is unknown or the password is wrong: the caller is not told which.
    WrongCredentials,
    /// The password is right but the account may not sign in.
    NotActive { name: String, state: State },
    /// The refresh token is unknown, spent or too old, or its session is over.
    SessionEnded,
    /// Another account has the login.
    LoginTaken,
    /// The account's state does not allow the act.
    WrongState { name: String, state: State },
    /// The password is right, and the administrator's choice: it has to be replaced.
    PasswordChangeRequired,
    /// The password was the administrator's choice, and was not replaced in time.
    FirstPasswordEnded,
    /// Nobody but who made an account takes it back.
    NotTheMaker,
    /// The head of the unit approves the account, no administrator (POLICY D.2).
    HeadApproves { role: Role, unit: String },
    /// Who acts for another, or reads in an emergency, does this from his own session (DYN-7, DYN-8).
    NotHimself,
    /// The role is none that another may act in, or he holds no office.
    NotDelegable,
    /// Another acts for the account on one of those days.
    AlreadyDelegated { name: String },
    /// The delegation is not in force.
    DelegationOver { name: String, state: Delegated },
    /// The caller has an emergency access open.
    BreakGlassOpen { name: String },
    /// The emergency access has ended.
    BreakGlassOver { name: String },
    /// The emergency access was reviewed.
    AlreadyReviewed { name: String },
}

impl Refusal for Refused {
    fn reason(&self) -> ErrorReason {
        match self {
            Self::WrongCredentials => ErrorReason::WrongCredentials,
            Self::NotActive { .. } => ErrorReason::AccountNotActive,
            Self::SessionEnded => ErrorReason::SessionEnded,
            Self::LoginTaken => ErrorReason::LoginTaken,
            Self::WrongState { .. } => ErrorReason::WrongState,
            Self::PasswordChangeRequired => ErrorReason::PasswordChangeRequired,
            Self::FirstPasswordEnded => ErrorReason::FirstPasswordEnded,
            Self::NotTheMaker => ErrorReason::NotTheMaker,
            Self::HeadApproves { .. } => ErrorReason::HeadApproves,
            Self::NotHimself => ErrorReason::NotOwnSession,
            Self::NotDelegable => ErrorReason::NotDelegable,
            Self::AlreadyDelegated { .. } => ErrorReason::AlreadyDelegated,
            Self::DelegationOver { .. } => ErrorReason::DelegationNotInForce,
            Self::BreakGlassOpen { .. } => ErrorReason::BreakGlassOpen,
            Self::BreakGlassOver { .. } => ErrorReason::BreakGlassEnded,
            Self::AlreadyReviewed { .. } => ErrorReason::AlreadyReviewed,
        }
    }

    fn code(&self) -> Code {
        match self {
            Self::WrongCredentials | Self::SessionEnded => Code::Unauthenticated,
            Self::NotActive { .. }
            | Self::WrongState { .. }
            | Self::PasswordChangeRequired
            | Self::FirstPasswordEnded
            | Self::HeadApproves { .. }
            | Self::NotDelegable
            | Self::AlreadyDelegated { .. }
            | Self::DelegationOver { .. }
            | Self::BreakGlassOpen { .. }
            | Self::BreakGlassOver { .. }
            | Self::AlreadyReviewed { .. } => Code::FailedPrecondition,
            Self::NotHimself | Self::NotTheMaker => Code::PermissionDenied,
            Self::LoginTaken => Code::AlreadyExists,
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::WrongCredentials => "用户名或密码错误".into(),
            Self::NotActive { .. } => "账号尚未启用或已停用".into(),
            Self::SessionEnded => "会话已结束，请重新登录".into(),
            Self::LoginTaken => "登录名已被使用".into(),
            Self::WrongState { .. } => "账号当前状态不允许该操作".into(),
            Self::PasswordChangeRequired => "首次登录须设置新密码".into(),
            Self::FirstPasswordEnded => "初始密码已过期，请联系系统运维重新发放".into(),
            Self::NotTheMaker => "只有创建人本人可以撤回".into(),
            Self::HeadApproves { role, unit } => {
                format!("该账号须由单位{unit}负责人（{}）批准", role.as_str_name())
            }
            Self::NotHimself => "代理或应急访问期间不得办理，请使用本人会话".into(),
            Self::NotDelegable => "该岗位不得委托代理，或被委托人没有公职岗位".into(),
            Self::AlreadyDelegated { .. } => "该期间内已有他人代理".into(),
            Self::DelegationOver { .. } => "该授权委托当前无效".into(),
            Self::BreakGlassOpen { .. } => "您已有一项应急访问尚未关闭".into(),
            Self::BreakGlassOver { .. } => "该应急访问已经结束".into(),
            Self::AlreadyReviewed { .. } => "该应急访问已经核查".into(),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::WrongCredentials => "wrong login or password".into(),
            Self::NotActive { .. } => "the account is not active".into(),
            Self::SessionEnded => "the session has ended, sign in again".into(),
            Self::LoginTaken => "the login is taken".into(),
            Self::WrongState { .. } => "the state of the account does not allow this".into(),
            Self::PasswordChangeRequired => {
                "a first password is replaced: state new_password as well".into()
            }
            Self::FirstPasswordEnded => {
                "the first password has ended: ask the operator for another".into()
            }
            Self::NotTheMaker => "nobody but who created it withdraws it".into(),
            Self::HeadApproves { role, unit } => format!(
                "the account is approved by {} of unit {unit}",
                role.as_str_name()
            ),
            Self::NotHimself => {
                "this is not done while acting for another or reading in an emergency".into()
            }
            Self::NotDelegable => {
                "the role is none that another may act in, or the deputy holds no office".into()
            }
            Self::AlreadyDelegated { name } => {
                format!("another acts for the account on those days: {name}")
            }
            Self::DelegationOver { state, .. } => {
                format!("the delegation is {}", state.as_str())
            }
            Self::BreakGlassOpen { name } => format!("an emergency access is open: {name}"),
            Self::BreakGlassOver { .. } => "the emergency access has ended".into(),
            Self::AlreadyReviewed { .. } => "the emergency access was reviewed before".into(),
        }
    }

    fn precondition(&self) -> Option<Precondition> {
        match self {
            Self::NotActive { name, state } | Self::WrongState { name, state } => {
                Some(Precondition {
                    subject: name.clone(),
                    state: state.as_str().into(),
                    allowed: state.allowed().iter().map(|it| (*it).into()).collect(),
                })
            }
            Self::DelegationOver { name, state } => Some(Precondition {
                subject: name.clone(),
                state: state.as_str().into(),
                allowed: Vec::new(),
            }),
            _ => None,
        }
    }
}

/// Too many calls or attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TooMany {
    /// Calls of any kind.
    Calls,
    /// Attempts to sign in.
    Attempts,
    /// Wrong numbers and codes of receipts and reports.
    Misses,
}

impl Refusal for TooMany {
    fn reason(&self) -> ErrorReason {
        match self {
            Self::Calls => ErrorReason::TooManyCalls,
            Self::Attempts => ErrorReason::TooManyAttempts,
            Self::Misses => ErrorReason::TooManyMisses,
        }
    }

    fn code(&self) -> Code {
        Code::ResourceExhausted
    }

    fn zh(&self) -> String {
        match self {
            Self::Calls => "请求过于频繁，请稍后重试".into(),
            Self::Attempts => "登录尝试次数过多，请稍后重试".into(),
            Self::Misses => "编号与查询码多次不符，请一小时后重试".into(),
        }
    }

    fn en(&self) -> String {
        match self {
            Self::Calls => "too many calls, try again later".into(),
            Self::Attempts => "too many attempts to sign in, try again later".into(),
            Self::Misses => "too many wrong numbers and codes, try again in an hour".into(),
        }
    }
}

impl TooMany {
    /// The refusal, with the time after which another try makes sense.
    pub(crate) fn retry_after(self, delay: Duration) -> Status {
        let plain = refusal::status(&self);
        let mut details = plain.get_error_details();
        details.set_retry_info(Some(delay));
        Status::with_error_details(plain.code(), plain.message(), details)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_says_when_to_come_back_and_why() {
        let status = TooMany::Calls.retry_after(Duration::from_millis(250));
        let details = status.get_error_details();
        let retry = details.retry_info().expect("retry info");
        assert_eq!(retry.retry_delay, Some(Duration::from_millis(250)));
        assert_eq!(
            refusal::reason_of(&status).as_deref(),
            Some("TOO_MANY_CALLS")
        );
        assert_eq!(status.code(), Code::ResourceExhausted);
    }
}
