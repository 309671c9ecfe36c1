//! Versions of the parameters, as they are shown.

use yuhui_kernel::dates;
use yuhui_policy::{PolicyPack, pack::Catalogue};
use yuhui_proto::eligibility::v1::{self as pb, policy_pack::State};

use crate::domain::policy_version::{self, PolicyVersion, VersionState};

/// The version that is built in: it was approved before there was a system.
pub(crate) fn built_in(pack: &PolicyPack, with_text: bool) -> pb::PolicyPack {
    let toml = pack.to_toml();
    pb::PolicyPack {
        name: policy_version::name(BUILT_IN),
        state: State::Approved.into(),
        digest: policy_version::digest(&toml),
        toml: if with_text { toml } else { String::new() },
        ..identity(pack)
    }
}

/// What a pack says of itself.
fn identity(pack: &PolicyPack) -> pb::PolicyPack {
    pb::PolicyPack {
        version: pack.version().into(),
        legal_basis: pack.legal_basis().into(),
        effective_from_on: dates::format(pack.effective_from()),
        effective_to_on: pack.effective_to().map(dates::format).unwrap_or_default(),
        proposer: pack.proposer().into(),
        approver: pack.approver().into(),
        ..pb::PolicyPack::default()
    }
}

/// A version without its text.
pub(crate) fn shown(version: &PolicyVersion, pack: &PolicyPack) -> pb::PolicyPack {
    let state = match version.state {
        VersionState::Proposed => State::Proposed,
        VersionState::Approved => State::Approved,
        VersionState::Rejected => State::Rejected,
    };
    let decision = version.decision.as_ref();
    let endorsement = version.endorsement.as_ref();
    pb::PolicyPack {
        name: version.name(),
        state: state.into(),
        proposed_by: version.proposed_by.account.clone(),
        proposed_on: dates::format(version.proposed_on),
        decided_by: decision.map(|it| it.by.account.clone()).unwrap_or_default(),
        decided_on: decision.map(|it| dates::format(it.on)).unwrap_or_default(),
        note: version.note.clone(),
        reason: decision.map(|it| it.reason.clone()).unwrap_or_default(),
        digest: version.digest.clone(),
        endorsed_by: endorsement
            .map(|(by, _)| by.account.clone())
            .unwrap_or_default(),
        endorsed_on: endorsement
            .map(|(_, on)| dates::format(*on))
            .unwrap_or_default(),
        ..identity(pack)
    }
}

/// A version with its text, and what it changes of the version in force the day before.
pub(crate) fn whole(
    version: &PolicyVersion,
    pack: &PolicyPack,
    catalogue: &Catalogue,
) -> pb::PolicyPack {
    let eve = dates::add_days(pack.effective_from(), -1);
    let before = catalogue.in_force_on(eve);
    pb::PolicyPack {
        toml: version.toml.clone(),
        changes: before.map(|it| changes(it, pack)).unwrap_or_default(),
        ..shown(version, pack)
    }
}

/// As everybody may see it: what is in force, without who wrote what on the way there.
pub(crate) fn open(whole: pb::PolicyPack) -> pb::PolicyPack {
    pb::PolicyPack {
        proposed_by: String::new(),
        endorsed_by: String::new(),
        decided_by: String::new(),
        note: String::new(),
        reason: String::new(),
        ..whole
    }
}

fn changes(before: &PolicyPack, after: &PolicyPack) -> Vec<pb::ParameterChange> {
    let known = before.parameters.to_map();
    let after = after.parameters.to_map().into_iter();
    after
        .filter_map(|(parameter, value)| {
            let old = known.get(&parameter)?;
            (*old != value).then(|| pb::ParameterChange {
                before: old.to_string(),
                after: value.to_string(),
                parameter,
            })
        })
        .collect()
}

/// Id of the version that is built in.
pub(crate) const BUILT_IN: &str = "built-in";
