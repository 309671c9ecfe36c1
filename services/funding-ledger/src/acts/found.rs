//! The proposal that an act is on, as whoever acts has seen it.

use yuhui_platform::{
    Caller, Result,
    db::Tx,
    refusal::{not_found, seen},
};

use crate::{
    domain::{name, proposal::Proposal},
    gate::{self, Deed},
    store::proposals,
};

/// The proposal `id`, if there is one for this act of the caller, nothing stands against it, and it is the one of
/// which he states the etag; where nothing is approved there is none to state.
pub async fn found(
    tx: &Tx,
    caller: &Caller,
    deed: Deed,
    (id, etag): (&str, Option<&str>),
) -> Result<Proposal> {
    let full = name::proposal(tx.scope(), id);
    let found = proposals::get(tx, id).await?;
    let found = found
        .filter(|it| deed.concerns(tx.tenancy(), it.kind, caller.level()))
        .ok_or_else(|| not_found(&full))?;
    gate::may(deed, caller, &found, &full)?;
    if let Some(etag) = etag {
        seen(etag, &found.etag())?;
    }
    Ok(found)
}
