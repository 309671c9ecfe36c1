//! Why a method may be refused: what the contract says of it.

use std::collections::BTreeMap;

use prost_reflect::{DescriptorPool, ExtensionDescriptor};
use yuhui_proto::{
    authz::v1::Effect,
    errors::v1::{ErrorReason, Refusals},
};

use super::{Rules, RulesError, paths, read};

/// What any method may be refused for.
const ANY: [ErrorReason; 15] = [
    ErrorReason::Unauthenticated,
    ErrorReason::PermissionDenied,
    ErrorReason::ReadOnly,
    ErrorReason::NotACaller,
    ErrorReason::NoRule,
    ErrorReason::TooManyCalls,
    ErrorReason::TooManyBytes,
    ErrorReason::Busy,
    ErrorReason::CountyBusy,
    ErrorReason::Unavailable,
    ErrorReason::DeadlineExceeded,
    ErrorReason::InvalidArgument,
    ErrorReason::NoTenant,
    ErrorReason::NotFound,
    // No refusal, but told like one.
    ErrorReason::Internal,
];
/// What any act may be refused for beside that.
const ACT: [ErrorReason; 4] = [
    ErrorReason::RequestIdReused,
    ErrorReason::SeparationOfDuties,
    ErrorReason::ChangedSinceSeen,
    ErrorReason::LostRace,
];

impl Rules {
    /// What the contract says the method at `path` may be refused for, in the order in which it is asked, beside what
    /// any method may be.
    #[must_use]
    pub fn refusals(&self, path: &str) -> &[ErrorReason] {
        self.refusals.get(path).map_or(&[], Vec::as_slice)
    }

    /// Whether the contract lets the method at `path` be refused for that.
    #[must_use]
    pub fn may_refuse(&self, path: &str, reason: ErrorReason) -> bool {
        let is_act = || self.rule(path).is_some_and(|it| it.effect() == Effect::Act);
        ANY.contains(&reason)
            || (ACT.contains(&reason) && is_act())
            || self.refusals(path).contains(&reason)
    }
}

/// What every method says of itself, by path.
pub(super) fn refusals(
    pool: &DescriptorPool,
    option: &ExtensionDescriptor,
) -> Result<BTreeMap<String, Vec<ErrorReason>>, RulesError> {
    let mut all = BTreeMap::new();
    for (path, method) in paths(pool) {
        if let Some(said) = read::<Refusals>(&method.options(), option)? {
            all.insert(path, said.reasons().collect());
        }
    }
    Ok(all)
}
