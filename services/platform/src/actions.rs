//! What a caller may do to an object, in the words in which the act would be refused.

use std::sync::LazyLock;

use tonic_types::StatusExt;
use yuhui_proto::types::v1::{Action, action::Verdict};

use crate::{
    Error, Result,
    authz::Rules,
    caller::Caller,
    refusal::{self, ErrorReason},
    relatives::Relatives,
};

/// The rules of the contract; none if they cannot be read, and then no server has started.
static RULES: LazyLock<Option<Rules>> =
    LazyLock::new(|| Rules::from_pool(yuhui_proto::descriptor_pool()).ok());

/// The caller of another method, as its rule would admit him; nobody if it would not.
#[must_use]
pub fn caller_of(caller: &Caller, path: &str) -> Option<Caller> {
    let rules = RULES.as_ref()?;
    rules.check(path, Some(&caller.claims())).ok()
}

/// The act of that method, which would come out as `free` says as far as that is known.
#[must_use]
pub fn action(path: &str, free: Result<()>, may_still_fail: &[ErrorReason]) -> Action {
    let roles = RULES.as_ref().map(|it| it.admitted(path));
    let roles = roles.unwrap_or_default().into_iter().map(i32::from);
    let told = free.err().map(|it| why(&it));
    let verdict = match told {
        None => Verdict::Allowed,
        Some(_) => Verdict::Refused,
    };
    Action {
        method: path.trim_start_matches('/').into(),
        verdict: verdict.into(),
        who_may: roles.collect(),
        may_still_fail: may_still_fail.iter().map(|it| i32::from(*it)).collect(),
        ..told.unwrap_or_default()
    }
}

/// Whose relative a caller is, as far as the registers say.
pub struct KnownRelatives {
    relatives: Relatives,
    is_silent: bool,
}

impl KnownRelatives {
    /// What was told when they were asked: silence keeps nobody from looking.
    pub fn of(told: Result<Relatives>) -> Result<Self> {
        match told {
            Err(error) if error.is_silence() => Ok(Self {
                relatives: Relatives::default(),
                is_silent: true,
            }),
            other => Ok(Self {
                relatives: other?,
                is_silent: false,
            }),
        }
    }

    /// The act of that method: `free` says what stands against it. While the registers are silent it may still fail.
    pub fn action(
        &self,
        path: &str,
        may_still_fail: &[ErrorReason],
        free: impl FnOnce(&Relatives) -> Result<()>,
    ) -> Action {
        let mut told = action(path, free(&self.relatives), may_still_fail);
        if self.is_silent {
            // Whose relative the caller is, the register has not said.
            let reason = ErrorReason::SeparationOfDuties;
            told.may_still_fail.push(reason.into());
        }
        told
    }
}

/// Why something is refused: reason, rule, clause and words.
#[must_use]
pub fn why(refused: &Error) -> Action {
    let Error::Refused(status) = refused else {
        return Action {
            reason: ErrorReason::Internal.into(),
            ..Action::default()
        };
    };
    let details = status.get_error_details();
    let info = details.error_info();
    let of = |key| info.and_then(|it| it.metadata.get(key)).cloned();
    let zh = details.localized_message().map(|it| it.message.clone());
    Action {
        reason: info
            .map_or(ErrorReason::Unspecified, |it| refusal::named(&it.reason))
            .into(),
        rule: of("rule").unwrap_or_default(),
        clause: of("clause").unwrap_or_default(),
        zh: zh.unwrap_or_default(),
        en: status.message().into(),
        ..Action::default()
    }
}

#[cfg(test)]
mod tests {
    use yuhui_proto::authz::v1::Role;

    use super::*;
    use crate::refusal::same_hand;

    const CONFIRM: &str = "/yuhui.eligibility.v1.CaseService/ConfirmCase";

    #[test]
    fn a_refusal_says_what_the_act_would_say_and_who_may() {
        let told = action(
            CONFIRM,
            Err(same_hand("不得", "no").into()),
            &[ErrorReason::RulesDisagree],
        );
        assert_eq!(told.verdict(), Verdict::Refused);
        assert_eq!(told.method, "yuhui.eligibility.v1.CaseService/ConfirmCase");
        assert_eq!(
            (told.reason(), told.rule.as_str(), told.zh.as_str()),
            (ErrorReason::SeparationOfDuties, "DYN-1", "不得")
        );
        assert_eq!(told.who_may, [i32::from(Role::CountyHealthApprover)]);
        let allowed = action(CONFIRM, Ok(()), &[]);
        assert_eq!(
            (allowed.verdict(), allowed.reason()),
            (Verdict::Allowed, ErrorReason::Unspecified)
        );
    }

    #[test]
    fn nobody_is_the_caller_of_a_method_that_does_not_admit_him() {
        assert!(caller_of(&Caller::public(), CONFIRM).is_none());
    }
}
