//! The checker's half: what is approved is posted.

use yuhui_kernel::proposal::{Barred, Ending};
use yuhui_platform::{
    Caller, Result, act::OpenAct, audit, idempotency::Key, refusal::not_found, unless_answered,
};
use yuhui_proto::{
    events::v1::{RecoverySettled, event::Payload},
    funding::v1 as pb,
};

use super::{act::Act, answer::Answer, decline::barred, recover, remit};
use crate::{
    Deps, convert,
    domain::{
        book::LedgerEvent,
        name,
        proposal::{Kind, Proposal},
    },
    refusal::Refusal,
    store::proposals,
};

/// Approves what [`super::propose::appropriation`] proposed.
pub async fn appropriation(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ApproveAppropriationRequest,
) -> Result<pb::ApproveAppropriationResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    approve(deps, caller, key, &ask.name, Kind::Appropriation).await
}

/// Approves what [`super::propose::county_share`] proposed.
pub async fn county_share(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ApproveCountyShareRequest,
) -> Result<pb::ApproveCountyShareResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    approve(deps, caller, key, &ask.name, Kind::CountyShare).await
}

/// Approves what [`super::propose::city_share`] proposed.
pub async fn city_share(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ApproveCityShareRequest,
) -> Result<pb::ApproveCityShareResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    approve(deps, caller, key, &ask.name, Kind::CityShare).await
}

/// Approves what [`super::propose::remittance`] proposed.
pub async fn remittance(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ApproveRemittanceRequest,
) -> Result<pb::ApproveRemittanceResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    approve(deps, caller, key, &ask.name, Kind::Remittance).await
}

/// Approves what [`super::propose::recovery_receipt`] proposed.
pub async fn recovery_receipt(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ApproveRecoveryReceiptRequest,
) -> Result<pb::ApproveRecoveryReceiptResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    approve(deps, caller, key, &ask.name, Kind::RecoveryReceipt).await
}

/// Approves what [`super::propose::write_off`] proposed and health endorsed.
pub async fn write_off(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ApproveWriteOffRequest,
) -> Result<pb::ApproveWriteOffResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    approve(deps, caller, key, &ask.name, Kind::RecoveryWriteOff).await
}

/// Approves a proposal of `kind`; any other is not there for this method, so that
/// a county's checker cannot approve the city's share.
async fn approve<R: Answer>(
    deps: &Deps,
    caller: &Caller,
    key: Key,
    name: &str,
    kind: Kind,
) -> Result<R> {
    let (county, id) = convert::child(caller, name, "proposals")?;
    let open = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, county, key));
    let tx = &open.tx;
    let full = name::proposal(county.as_str(), id);
    let mut act = Act::open(deps, tx, caller, &full).await?;
    let found = proposals::get(tx, id).await?;
    let before = found
        .filter(|it| it.kind == kind)
        .ok_or_else(|| not_found(&full))?;
    let ended = before.ended_by(&caller.hand(), Ending::Approve);
    let state = ended.map_err(|it| barred(it, &full))?;
    if before.knows(&caller.hand()) {
        return Err(barred(Barred::SameHand, &full));
    }
    if before.lacks_endorsement() {
        return Err(Refusal::NotEndorsed { name: full }.into());
    }
    let (journal, settled) = post(&mut act, &before, &full).await?;
    let after = Proposal {
        state,
        checker: Some(caller.account.clone()),
        journal: Some(journal),
        ..before.clone()
    };
    proposals::end(tx, &after).await?;
    let entry = audit::Entry::new("funding.proposal.approve", &full);
    let entry = entry.before(&before).after(&after);
    act.record(entry.reason(&after.document)).await?;
    if let Some(settled) = settled {
        let payload = Payload::RecoverySettled(settled);
        act.publish("eligibility", payload)?;
    }
    let book = act.round(after.round).await?;
    act.announce(after.round, &book).await?;
    open.finish(R::of(convert::proposal(county.as_str(), &after)))
        .await
}

/// Posts what was proposed; answers the last journal, and how a recovery ended if it did.
async fn post(
    act: &mut Act<'_>,
    proposal: &Proposal,
    full: &str,
) -> Result<(i64, Option<RecoverySettled>)> {
    let (round, amount) = (proposal.round, proposal.amount);
    let mut book = act.round(round).await?;
    let event = match proposal.kind {
        Kind::Appropriation => LedgerEvent::BudgetApproved { amount },
        Kind::CountyShare => LedgerEvent::ReceiveCounty { amount },
        Kind::CityShare => LedgerEvent::ReceiveCity { amount },
        Kind::RecoveryReceipt => LedgerEvent::ClawbackRecovered { amount },
        Kind::RecoveryWriteOff => LedgerEvent::ClawbackWrittenOff { amount },
        Kind::Remittance => return Ok((remit::remit(act, proposal, full).await?, None)),
    };
    let settled = match &proposal.case_name {
        Some(case) => recover::settle(act, proposal, case).await?,
        None => None,
    };
    let journal = act.post(round, &mut book, event, full).await?;
    Ok((journal, settled))
}
