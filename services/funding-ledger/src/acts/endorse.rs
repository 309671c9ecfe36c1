//! A write-off is approved by the leaders of finance and of health (F30): the half of health.

use yuhui_kernel::proposal::{Barred, ProposalState};
use yuhui_platform::{
    Caller, Result, act::OpenAct, audit, idempotency::Key, refusal::not_found, unless_answered,
};
use yuhui_proto::funding::v1 as pb;

use super::{answer::Answer as _, decline::barred};
use crate::{
    Deps, convert,
    domain::{
        name,
        proposal::{Kind, Proposal},
    },
    refusal::Refusal,
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
    let full = name::proposal(county.as_str(), id);
    let found = proposals::get(&act.tx, id).await?;
    let before = found
        .filter(|it| it.kind == Kind::RecoveryWriteOff)
        .ok_or_else(|| not_found(&full))?;
    if before.state != ProposalState::Waiting {
        return Err(barred(Barred::Ended(before.state), &full));
    }
    if !before.lacks_endorsement() {
        return Err(Refusal::AlreadyEndorsed { name: full }.into());
    }
    let by = caller.hand();
    if before.knows(&by) {
        return Err(barred(Barred::SameHand, &full));
    }
    proposals::endorse(&act.tx, id, &by).await?;
    let after = Proposal {
        endorser: Some(by.account),
        endorser_person: by.person,
        ..before.clone()
    };
    let entry = audit::Entry::new("funding.proposal.endorse", &full);
    act.record(entry.before(&before).after(&after)).await?;
    act.finish(pb::EndorseWriteOffResponse::of(convert::proposal(
        county.as_str(),
        &after,
    )))
    .await
}
