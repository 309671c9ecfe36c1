//! Versions of the parameters, the one that is built in among them.

use uuid::Uuid;
use yuhui_platform::{
    Result,
    caller::Caller,
    db::{Tenancy, Tx},
    paging::Page,
    refusal::not_found,
};
use yuhui_proto::{
    authz::v1::{Level, Power},
    eligibility::v1 as pb,
};

use crate::{
    context::Context,
    convert::policy_packs::{BUILT_IN, built_in, open, shown, whole},
    domain::policy_version::{self, PolicyVersion, VersionState},
    packs::parsed,
    store,
};

/// Its place in the list: before every other id.
const AFTER_BUILT_IN: &str = "0";

/// What is in force is everybody's to read; what is on its way, of those who decide and supervise (D.2).
fn sees_all(caller: &Caller) -> bool {
    match caller.power() {
        Power::Eligibility => caller.level() == Level::Municipal,
        power => matches!(power, Power::Funds | Power::Supervision),
    }
}

pub(crate) async fn get(
    context: &Context,
    caller: &Caller,
    ask: pb::GetPolicyPackRequest,
) -> Result<pb::GetPolicyPackResponse> {
    let tx = context.db.read(Tenancy::City).await?;
    let policy_pack = if ask.name == policy_version::name(BUILT_IN) {
        built_in(context.packs.built_in(), true)
    } else {
        let version = find(&tx, &ask.name).await?;
        let all = sees_all(caller);
        if !all && version.state != VersionState::Approved {
            return Err(not_found(&ask.name).into());
        }
        let catalogue = context.packs.catalogue(&tx).await?;
        let whole = whole(&version, &parsed(&version)?, &catalogue);
        if all { whole } else { open(whole) }
    };
    Ok(pb::GetPolicyPackResponse {
        policy_pack: Some(policy_pack),
    })
}

pub(crate) async fn find(tx: &Tx, name: &str) -> Result<PolicyVersion> {
    let id = name
        .strip_prefix("policyPacks/")
        .and_then(|it| Uuid::parse_str(it).ok())
        .ok_or_else(|| not_found(name))?;
    let version = store::policy_packs::get(tx, id).await?;
    version.ok_or_else(|| not_found(name).into())
}

pub(crate) async fn list(
    context: &Context,
    caller: &Caller,
    ask: pb::ListPolicyPacksRequest,
) -> Result<pb::ListPolicyPacksResponse> {
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = context.db.read(Tenancy::City).await?;
    let mut rows = Vec::new();
    if page.after().is_none() {
        rows.push((
            AFTER_BUILT_IN.to_owned(),
            built_in(context.packs.built_in(), false),
        ));
    }
    let all = sees_all(caller);
    let state = (!all).then_some(VersionState::Approved);
    for version in store::policy_packs::list(&tx, state, page.after(), page.limit()).await? {
        let shown = shown(&version, &parsed(&version)?);
        let seen = if all { shown } else { open(shown) };
        rows.push((version.id.to_string(), seen));
    }
    let (rows, next_page_token) = page.cut(rows, |(key, _)| key.clone());
    Ok(pb::ListPolicyPacksResponse {
        policy_packs: rows.into_iter().map(|(_, shown)| shown).collect(),
        next_page_token,
    })
}
