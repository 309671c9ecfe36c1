//! Changes as they were proposed: for whoever is to approve them, and for supervision.

use yuhui_platform::{Caller, Result, paging::Page, refusal::not_found};
use yuhui_proto::institution::v1 as pb;

use crate::{
    Deps, convert,
    store::{changes, institutions},
};

/// One change.
pub async fn get(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::GetChangeRequest,
) -> Result<pb::GetChangeResponse> {
    let (named, institution, id) = convert::change_named("name", &ask.name)?;
    let tenant = caller.tenant_for(&named)?;
    let tx = deps.db.read(tenant).await?;
    let found = changes::find(&tx, institution, id).await?;
    let found = found.ok_or_else(|| not_found(&ask.name))?;
    let of = format!("counties/{tenant}/institutions/{institution}");
    Ok(pb::GetChangeResponse {
        change: Some(convert::proposal(&of, &found)),
    })
}

/// Those of one institution.
pub async fn list(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ListChangesRequest,
) -> Result<pb::ListChangesResponse> {
    let (named, institution) = convert::institution_named("parent", &ask.parent)?;
    let tenant = caller.tenant_for(&named)?;
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = deps.db.read(tenant).await?;
    institutions::reach(&tx, caller, institution, &ask.parent).await?;
    let rows = changes::page(&tx, institution, &convert::change_states(ask), &page).await?;
    let (rows, next_page_token) = page.cut(rows, |it| it.id.to_string());
    let of = format!("counties/{tenant}/institutions/{institution}");
    Ok(pb::ListChangesResponse {
        changes: rows.iter().map(|it| convert::proposal(&of, it)).collect(),
        next_page_token,
    })
}
