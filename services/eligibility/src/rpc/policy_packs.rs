//! PolicyPackService: versions of the parameters, proposed by health and approved by finance (B.4).

use serde_json::json;
use time::Date;
use tonic::{Request, Response, Status};
use uuid::Uuid;
use yuhui_kernel::dates;
use yuhui_platform::{
    Result, audit,
    caller::{self, Caller},
    clock,
    db::{Tenancy, Tx},
    idempotency::Key,
    paging::Page,
    refusal::{self, Violation, not_found},
};
use yuhui_policy::{PolicyPack, pack::Catalogue};
use yuhui_proto::eligibility::v1::{
    self as pb, policy_pack::State, policy_pack_service_server::PolicyPackService,
};

use crate::{
    desk::Desk,
    domain::policy_version::{self, PolicyVersion, VersionDecision, VersionState},
    packs::{PackRefused, parsed, violation},
    rpc::text,
    separation::{hand, not_the_maker},
    store,
};

/// Longest text, in bytes: many times that of the one built in.
const LONGEST: usize = 64 * 1024;
/// Id of the version that is built in.
const BUILT_IN: &str = "built-in";
/// Its place in the list: before every other id.
const AFTER_BUILT_IN: &str = "0";

/// The service.
pub(crate) struct PolicyPacks(pub(crate) Desk);

#[tonic::async_trait]
impl PolicyPackService for PolicyPacks {
    async fn propose_policy_pack(
        &self,
        request: Request<pb::ProposePolicyPackRequest>,
    ) -> Result<Response<pb::ProposePolicyPackResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(propose(&self.0, &caller, ask).await?))
    }

    async fn approve_policy_pack(
        &self,
        request: Request<pb::ApprovePolicyPackRequest>,
    ) -> Result<Response<pb::ApprovePolicyPackResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(approve(&self.0, &caller, ask).await?))
    }

    async fn reject_policy_pack(
        &self,
        request: Request<pb::RejectPolicyPackRequest>,
    ) -> Result<Response<pb::RejectPolicyPackResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(reject(&self.0, &caller, ask).await?))
    }

    async fn get_policy_pack(
        &self,
        request: Request<pb::GetPolicyPackRequest>,
    ) -> Result<Response<pb::GetPolicyPackResponse>, Status> {
        let (_, ask) = caller::accept(request)?;
        Ok(Response::new(get(&self.0, &ask).await?))
    }

    async fn list_policy_packs(
        &self,
        request: Request<pb::ListPolicyPacksRequest>,
    ) -> Result<Response<pb::ListPolicyPacksResponse>, Status> {
        let (_, ask) = caller::accept(request)?;
        Ok(Response::new(list(&self.0, &ask).await?))
    }
}

async fn propose(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ProposePolicyPackRequest,
) -> Result<pb::ProposePolicyPackResponse> {
    let note = text::needed("note", &ask.note)?;
    let today = desk.today();
    let pack = read(&ask.toml, today)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let tx = desk.db.begin_global().await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let before = desk.packs.catalogue(&tx).await?;
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
        decision: None,
    };
    store::policy_packs::insert(&tx, &version).await?;
    let entry = audit::Entry::new("policy_pack.propose", version.name()).after(&json!({
        "version": pack.version(),
        "effective_from": dates::format(pack.effective_from()),
        "digest": version.digest,
    }));
    audit::record(&tx, caller, desk.clock.now(), entry.reason(&*note)).await?;
    let answer = pb::ProposePolicyPackResponse {
        policy_pack: Some(whole(&version, &pack, &before)),
    };
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
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

async fn approve(
    desk: &Desk,
    caller: &Caller,
    ask: pb::ApprovePolicyPackRequest,
) -> Result<pb::ApprovePolicyPackResponse> {
    let note = text::remark("note", &ask.note)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let tx = desk.db.begin_global().await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let version = waiting(&tx, caller, &ask.name).await?;
    if ask.digest != version.digest {
        let what = Violation::new(
            "digest",
            "不是所提版本文本的摘要",
            "is not the digest of the text that was proposed",
        );
        return Err(refusal::invalid(vec![what]).into());
    }
    let pack = parsed(&version)?;
    let today = desk.today();
    if pack.effective_from() <= today {
        return Err(PackRefused::ReachesBack {
            name: version.name(),
            from: pack.effective_from(),
            today,
        }
        .into());
    }
    let before = desk.packs.catalogue(&tx).await?;
    if let Err(why) = before.with(pack.clone()) {
        let name = version.name();
        return Err(PackRefused::DoesNotFit { name, why }.into());
    }
    let decided = decide(desk, &tx, caller, version, VersionState::Approved, note).await?;
    // The audit chain lets one act in at a time: what another approved meanwhile is seen now.
    let fits = desk.packs.catalogue(&tx).await;
    fits.map_err(|_| refusal::aborted())?;
    let answer = pb::ApprovePolicyPackResponse {
        policy_pack: Some(whole(&decided, &pack, &before)),
    };
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    desk.packs.forget();
    Ok(answer)
}

async fn reject(
    desk: &Desk,
    caller: &Caller,
    ask: pb::RejectPolicyPackRequest,
) -> Result<pb::RejectPolicyPackResponse> {
    let reason = text::needed("reason", &ask.reason)?;
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let tx = desk.db.begin_global().await?;
    if let Some(answer) = key.answered(&tx).await? {
        return Ok(answer);
    }
    let version = waiting(&tx, caller, &ask.name).await?;
    let before = desk.packs.catalogue(&tx).await?;
    let pack = parsed(&version)?;
    let decided = decide(desk, &tx, caller, version, VersionState::Rejected, reason).await?;
    let answer = pb::RejectPolicyPackResponse {
        policy_pack: Some(whole(&decided, &pack, &before)),
    };
    key.remember(&tx, &answer).await?;
    tx.commit().await?;
    Ok(answer)
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
    desk: &Desk,
    tx: &Tx,
    caller: &Caller,
    mut version: PolicyVersion,
    state: VersionState,
    reason: String,
) -> Result<PolicyVersion> {
    let decision = VersionDecision {
        by: hand(caller),
        on: desk.today(),
        reason: reason.clone(),
    };
    store::policy_packs::decide(tx, version.id, state, &decision).await?;
    let action = match state {
        VersionState::Rejected => "policy_pack.reject",
        VersionState::Proposed | VersionState::Approved => "policy_pack.approve",
    };
    let entry = audit::Entry::new(action, version.name())
        .before(&json!({ "state": version.state.as_str(), "digest": version.digest }))
        .after(&json!({ "state": state.as_str(), "digest": version.digest }))
        .reason(reason);
    audit::record(tx, caller, desk.clock.now(), entry).await?;
    version.state = state;
    version.decision = Some(decision);
    Ok(version)
}

async fn get(desk: &Desk, ask: &pb::GetPolicyPackRequest) -> Result<pb::GetPolicyPackResponse> {
    let tx = desk.db.read(Tenancy::City).await?;
    let policy_pack = if ask.name == policy_version::name(BUILT_IN) {
        built_in(desk.packs.built_in(), true)
    } else {
        let version = find(&tx, &ask.name).await?;
        let catalogue = desk.packs.catalogue(&tx).await?;
        whole(&version, &parsed(&version)?, &catalogue)
    };
    Ok(pb::GetPolicyPackResponse {
        policy_pack: Some(policy_pack),
    })
}

async fn find(tx: &Tx, name: &str) -> Result<PolicyVersion> {
    let id = name
        .strip_prefix("policyPacks/")
        .and_then(|it| Uuid::parse_str(it).ok())
        .ok_or_else(|| not_found(name))?;
    let version = store::policy_packs::get(tx, id).await?;
    version.ok_or_else(|| not_found(name).into())
}

async fn list(
    desk: &Desk,
    ask: &pb::ListPolicyPacksRequest,
) -> Result<pb::ListPolicyPacksResponse> {
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = desk.db.read(Tenancy::City).await?;
    let mut rows = Vec::new();
    if page.after().is_none() {
        rows.push((
            AFTER_BUILT_IN.to_owned(),
            built_in(desk.packs.built_in(), false),
        ));
    }
    for version in store::policy_packs::list(&tx, page.after(), page.limit()).await? {
        rows.push((version.id.to_string(), shown(&version, &parsed(&version)?)));
    }
    let (rows, next_page_token) = page.cut(rows, |(key, _)| key.clone());
    Ok(pb::ListPolicyPacksResponse {
        policy_packs: rows.into_iter().map(|(_, shown)| shown).collect(),
        next_page_token,
    })
}

/// The version that is built in: it was approved before there was a system.
fn built_in(pack: &PolicyPack, with_text: bool) -> pb::PolicyPack {
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
fn shown(version: &PolicyVersion, pack: &PolicyPack) -> pb::PolicyPack {
    let state = match version.state {
        VersionState::Proposed => State::Proposed,
        VersionState::Approved => State::Approved,
        VersionState::Rejected => State::Rejected,
    };
    let decision = version.decision.as_ref();
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
        ..identity(pack)
    }
}

/// A version with its text, and what it changes of the version in force the day before.
fn whole(version: &PolicyVersion, pack: &PolicyPack, catalogue: &Catalogue) -> pb::PolicyPack {
    let eve = dates::add_days(pack.effective_from(), -1);
    let before = catalogue.in_force_on(eve);
    pb::PolicyPack {
        toml: version.toml.clone(),
        changes: before.map(|it| changes(it, pack)).unwrap_or_default(),
        ..shown(version, pack)
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
