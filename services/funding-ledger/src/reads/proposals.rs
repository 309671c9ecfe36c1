//! What finance has proposed: for whoever is to approve it, and for supervision.

use yuhui_platform::{
    Caller, Result,
    actions::{action, caller_of},
    db::Tenancy,
    paging::Page,
    refusal::not_found,
};
use yuhui_proto::{authz::v1::Reach, funding::v1 as pb};

use crate::{
    Deps, convert,
    domain::name,
    gate::{self, Deed},
    store::proposals,
};

/// One proposal.
pub async fn get(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::GetProposalRequest,
) -> Result<pb::GetProposalResponse> {
    let (whose, id) = convert::proposed(caller, &ask.name)?;
    let tx = deps.db.read(whose).await?;
    let found = proposals::get(&tx, id).await?;
    let found = found.ok_or_else(|| not_found(name::proposal(whose.scope(), id)))?;
    let full = name::proposal(whose.scope(), id);
    let acts = Deed::of(found.kind).into_iter().filter_map(|deed| {
        let caller = caller_of(caller, deed.path())?;
        deed.concerns(whose, found.kind, caller.level()).then(|| {
            let free = gate::may(deed, &caller, &found, &full);
            action(deed.path(), free, deed.may_still_fail())
        })
    });
    Ok(pb::GetProposalResponse {
        actions: acts.collect(),
        proposal: Some(convert::proposal(whose.scope(), &found)),
    })
}

/// Those of one county or of the city, or all for whoever reaches all.
pub async fn list(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ListProposalsRequest,
) -> Result<pb::ListProposalsResponse> {
    let parent = ask.parent.as_str();
    let tenancy = match parent {
        "counties/-" if caller.reach == Reach::AllTenants => Tenancy::All,
        "counties/-" => return Err(not_found(parent).into()),
        _ => convert::book(caller, parent)?,
    };
    let page = Page::parse(ask.page_size, &ask.page_token)?;
    let tx = deps.db.read(tenancy).await?;
    let rows = proposals::page(&tx, &convert::proposal_states(ask), &page).await?;
    let (rows, next_page_token) = page.cut(rows, |(_, it)| it.id.clone());
    let proposals = rows
        .iter()
        .map(|(county, it)| convert::proposal(county, it));
    Ok(pb::ListProposalsResponse {
        proposals: proposals.collect(),
        next_page_token,
    })
}
