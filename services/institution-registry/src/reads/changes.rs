//! Changes as they were proposed: for whoever is to approve them, and for supervision.

use yuhui_platform::{
    Caller, Result,
    actions::{KnownRelatives, action, caller_of},
    paging::Page,
    refusal::not_found,
};
use yuhui_proto::{institution::v1 as pb, types::v1::Action};

use crate::{
    Deps, convert,
    domain::Institution,
    gate::{self, Deed},
    store::{
        changes::{self, Proposal},
        institutions,
    },
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
    let of = institutions::find(&tx, institution).await?;
    let of = of.ok_or_else(|| not_found(&ask.name))?.institution;
    drop(tx);
    Ok(pb::GetChangeResponse {
        actions: actions(deps, caller, &found, &of).await?,
        change: Some(convert::proposal(&convert::name_of(&of), &found)?),
    })
}

/// What the caller's role may do to it.
async fn actions(
    deps: &Deps,
    caller: &Caller,
    change: &Proposal,
    of: &Institution,
) -> Result<Vec<Action>> {
    let deeds = Deed::of(change.change.office());
    let admitted = deeds
        .into_iter()
        .filter_map(|it| Some((it, caller_of(caller, it.path())?)));
    let admitted: Vec<(Deed, Caller)> = admitted.collect();
    let today = deps.clock.today();
    let full = format!("{}/changes/{}", convert::name_of(of), change.id);
    let mut actions = Vec::with_capacity(admitted.len());
    for (deed, caller) in &admitted {
        let free = gate::ends(*deed, caller, change, &full).map(|_| ());
        actions.push(match deed {
            Deed::Approve(_) => {
                let told = deps.peers.relatives(caller, of.tenant, today).await;
                let known = KnownRelatives::of(told)?;
                known.action(deed.path(), &[], |relatives| {
                    free?;
                    gate::approved(change, &full, of, (relatives, today)).map(|_| ())
                })
            }
            Deed::Decline(_) | Deed::Withdraw(_) => action(deed.path(), free, &[]),
        });
    }
    Ok(actions)
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
    let changes = rows.iter().map(|it| convert::proposal(&of, it));
    Ok(pb::ListChangesResponse {
        changes: changes.collect::<Result<_>>()?,
        next_page_token,
    })
}
