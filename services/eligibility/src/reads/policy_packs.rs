//! Versions of the parameters, the one that is built in among them.

use uuid::Uuid;
use yuhui_platform::{
    Result,
    caller::Caller,
    db::{Tenancy, Tx},
    paging::Page,
    refusal::not_found,
};
use yuhui_proto::eligibility::v1 as pb;

use crate::{
    context::Context,
    convert::policy_packs::{BUILT_IN, built_in, shown, whole},
    domain::policy_version::{self, PolicyVersion},
    packs::parsed,
    store,
};

/// Its place in the list: before every other id.
const AFTER_BUILT_IN: &str = "0";

pub(crate) async fn get(
    context: &Context,
    _: &Caller,
    ask: pb::GetPolicyPackRequest,
) -> Result<pb::GetPolicyPackResponse> {
    let tx = context.db.read(Tenancy::City).await?;
    let policy_pack = if ask.name == policy_version::name(BUILT_IN) {
        built_in(context.packs.built_in(), true)
    } else {
        let version = find(&tx, &ask.name).await?;
        let catalogue = context.packs.catalogue(&tx).await?;
        whole(&version, &parsed(&version)?, &catalogue)
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
    _: &Caller,
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
    for version in store::policy_packs::list(&tx, page.after(), page.limit()).await? {
        rows.push((version.id.to_string(), shown(&version, &parsed(&version)?)));
    }
    let (rows, next_page_token) = page.cut(rows, |(key, _)| key.clone());
    Ok(pb::ListPolicyPacksResponse {
        policy_packs: rows.into_iter().map(|(_, shown)| shown).collect(),
        next_page_token,
    })
}
