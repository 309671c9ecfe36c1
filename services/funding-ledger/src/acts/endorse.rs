//! A write-off is approved by the leaders of finance and of health (F30): the half of health.

use yuhui_platform::{Caller, Result, act::OpenAct, audit, idempotency::Key, unless_answered};
use yuhui_proto::funding::v1 as pb;

use super::{answer::Answer as _, found::found};
use crate::{
    Deps, convert,
    domain::{name, proposal::Proposal},
    gate::Deed,
    store::proposals,
};

/// The head of the health office agrees that a recovery is given up.
pub async fn write_off(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::EndorseWriteOffRequest,
) -> Result<pb::EndorseWriteOffResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    let (county, id) = convert::child(caller, &ask.name, "proposals")?;
    let act = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, county, key));
    let before = found(&act.tx, caller, Deed::Endorse, (id, Some(&ask.etag))).await?;
    let by = caller.hand();
    proposals::endorse(&act.tx, id, &by).await?;
    let after = Proposal {
        endorser: Some(by.account),
        endorser_person: by.person,
        ..before.clone()
    };
    let full = name::proposal(county.as_str(), id);
    let entry = audit::Entry::new("funding.proposal.endorse", &full);
    act.record(entry.before(&before).after(&after)).await?;
    act.finish(pb::EndorseWriteOffResponse::of(convert::proposal(
        county.as_str(),
        &after,
    )))
    .await
}
