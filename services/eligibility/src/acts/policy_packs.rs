//! Versions of the parameters: proposed and endorsed by health, approved by finance (B.4, D.2); either rejects.

use serde_json::json;
use time::Date;
use yuhui_kernel::dates;
use yuhui_platform::{
    Result,
    act::OpenAct,
    audit,
    caller::Caller,
    clock,
    db::{Tenancy, Tx},
    idempotency::Key,
    refusal::{self, Violation},
    unless_answered,
};
use yuhui_policy::PolicyPack;
use yuhui_proto::eligibility::v1 as pb;

use crate::{
    context::Context,
    convert::{policy_packs::whole, text},
    domain::policy_version::{self, PolicyVersion, VersionDecision, VersionState},
    packs::parsed,
    reads::policy_packs::find,
    refusal::packs::{PackRefused, violation},
    separation::{hand, not_the_maker},
    store,
};

/// Longest text, in bytes: many times that of the one built in.
const LONGEST: usize = 64 * 1024;

pub(crate) async fn propose(
    context: &Context,
    caller: &Caller,
    ask: pb::ProposePolicyPackRequest,
) -> Result<pb::ProposePolicyPackResponse> {
    let note = text::needed("note", &ask.note)?;
    let today = context.today();
    let pack = read(&ask.toml, today)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(context.open_act(caller, Tenancy::City, key));
    let tx = &act.tx;
    let before = context.packs.catalogue(tx).await?;
    before
        .with(pack.clone())
        .map_err(|it| refusal::invalid(vec![violation(&it)]))?;
    let version = PolicyVersion {
        id: clock::fresh_id(),
        state: VersionState::Proposed,
        digest: policy_version::digest(&ask.toml),
        toml: ask.toml,
        proposed_by: hand(caller),
        proposed_on: today,
        note: note.clone(),
        endorsement: None,
        decision: None,
    };
    store::policy_packs::insert(tx, &version).await?;
    let entry = audit::Entry::new("policy_pack.propose", version.name()).after(&json!({
        "version": pack.version(),
        "effective_from": dates::format(pack.effective_from()),
        "digest": version.digest,
    }));
    act.record(entry.reason(&*note)).await?;
    act.finish(pb::ProposePolicyPackResponse {
        policy_pack: Some(whole(&version, &pack, &before)),
    })
    .await
}

/// Reads the text. What begins today or before could not be approved any more.
fn read(toml: &str, today: Date) -> Result<PolicyPack> {
    let refuse = |what: Violation| Err(refusal::invalid(vec![what]).into());
    if toml.len() > LONGEST {
        return refuse(Violation::new(
            "toml",
            format!("不得超过{LONGEST}字节"),
            format!("has more than {LONGEST} bytes"),
        ));
    }
    let pack = match PolicyPack::from_toml(toml) {
        Ok(pack) => pack,
        Err(error) => return refuse(violation(&error)),
    };
    if pack.effective_from() <= today {
        return refuse(Violation::new(
            "toml",
            "`pack.effective_from` 须晚于今日：已受理的申请适用申报之日的版本",
            "`pack.effective_from` must be after today: a claim keeps the version of its lodging day",
        ));
    }
    Ok(pack)
}

/// The city's health approver stands for what a version means for families.
pub(crate) async fn endorse(
    context: &Context,
    caller: &Caller,
    ask: pb::EndorsePolicyPackRequest,
) -> Result<pb::EndorsePolicyPackResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(context.open_act(caller, Tenancy::City, key));
    let tx = &act.tx;
    let mut version = waiting(tx, caller, &ask.name).await?;
    if version.endorsement.is_some() {
        let name = version.name();
        return Err(PackRefused::Endorsed { name }.into());
    }
    refusal::seen(&ask.digest, &version.digest)?;
    let pack = parsed(&version)?;
    let before = context.packs.catalogue(tx).await?;
    let endorsement = (hand(caller), context.today());
    store::policy_packs::endorse(tx, version.id, &endorsement).await?;
    version.endorsement = Some(endorsement);
    let entry = audit::Entry::new("policy_pack.endorse", version.name())
        .after(&json!({ "digest": version.digest }));
    act.record(entry).await?;
    act.finish(pb::EndorsePolicyPackResponse {
        policy_pack: Some(whole(&version, &pack, &before)),
    })
    .await
}

/// The city's health approver declines a version.
pub(crate) async fn decline(
    context: &Context,
    caller: &Caller,
    ask: pb::DeclinePolicyPackRequest,
) -> Result<pb::DeclinePolicyPackResponse> {
    let reason = text::needed("reason", &ask.reason)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(context.open_act(caller, Tenancy::City, key));
    let asked = (ask.name.as_str(), ask.digest.as_str());
    let policy_pack = Some(refused(context, &act, asked, reason).await?);
    act.finish(pb::DeclinePolicyPackResponse { policy_pack })
        .await
}

pub(crate) async fn approve(
    context: &Context,
    caller: &Caller,
    ask: pb::ApprovePolicyPackRequest,
) -> Result<pb::ApprovePolicyPackResponse> {
    let note = text::remark("note", &ask.note)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(context.open_act(caller, Tenancy::City, key));
    let tx = &act.tx;
    let version = waiting(tx, caller, &ask.name).await?;
    refusal::seen(&ask.digest, &version.digest)?;
    let Some((endorser, _)) = &version.endorsement else {
        let name = version.name();
        return Err(PackRefused::NotEndorsed { name }.into());
    };
    not_the_maker(caller, endorser)?;
    let pack = parsed(&version)?;
    let today = context.today();
    if pack.effective_from() <= today {
        return Err(PackRefused::ReachesBack {
            name: version.name(),
            from: pack.effective_from(),
            today,
        }
        .into());
    }
    let before = context.packs.catalogue(tx).await?;
    if let Err(why) = before.with(pack.clone()) {
        let name = version.name();
        return Err(PackRefused::DoesNotFit { name, why }.into());
    }
    let decided = decide(context, &act, version, VersionState::Approved, note).await?;
    // The audit chain lets one act in at a time: what another approved meanwhile is seen now.
    let fits = context.packs.catalogue(tx).await;
    fits.map_err(|_| refusal::aborted())?;
    let answer = pb::ApprovePolicyPackResponse {
        policy_pack: Some(whole(&decided, &pack, &before)),
    };
    let answer = act.finish(answer).await?;
    context.packs.forget();
    Ok(answer)
}

pub(crate) async fn reject(
    context: &Context,
    caller: &Caller,
    ask: pb::RejectPolicyPackRequest,
) -> Result<pb::RejectPolicyPackResponse> {
    let reason = text::needed("reason", &ask.reason)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let act = unless_answered!(context.open_act(caller, Tenancy::City, key));
    let asked = (ask.name.as_str(), ask.digest.as_str());
    let policy_pack = Some(refused(context, &act, asked, reason).await?);
    act.finish(pb::RejectPolicyPackResponse { policy_pack })
        .await
}

async fn refused(
    context: &Context,
    act: &OpenAct<'_>,
    (name, digest): (&str, &str),
    reason: String,
) -> Result<pb::PolicyPack> {
    let version = waiting(&act.tx, act.caller, name).await?;
    refusal::seen(digest, &version.digest)?;
    let before = context.packs.catalogue(&act.tx).await?;
    let pack = parsed(&version)?;
    let decided = decide(context, act, version, VersionState::Rejected, reason).await?;
    Ok(whole(&decided, &pack, &before))
}

/// A version that waits for a decision by somebody else than its proposer (DYN-1).
async fn waiting(tx: &Tx, caller: &Caller, name: &str) -> Result<PolicyVersion> {
    let version = find(tx, name).await?;
    if version.state != VersionState::Proposed {
        return Err(PackRefused::Decided {
            name: version.name(),
            state: version.state,
        }
        .into());
    }
    not_the_maker(caller, &version.proposed_by)?;
    Ok(version)
}

async fn decide(
    context: &Context,
    act: &OpenAct<'_>,
    mut version: PolicyVersion,
    state: VersionState,
    reason: String,
) -> Result<PolicyVersion> {
    let decision = VersionDecision {
        by: hand(act.caller),
        on: context.today(),
        reason: reason.clone(),
    };
    store::policy_packs::decide(&act.tx, version.id, state, &decision).await?;
    let action = match state {
        VersionState::Rejected => "policy_pack.reject",
        VersionState::Proposed | VersionState::Approved => "policy_pack.approve",
    };
    let entry = audit::Entry::new(action, version.name())
        .before(&json!({ "state": version.state.as_str(), "digest": version.digest }))
        .after(&json!({ "state": state.as_str(), "digest": version.digest }))
        .reason(reason);
    act.record(entry).await?;
    version.state = state;
    version.decision = Some(decision);
    Ok(version)
}
