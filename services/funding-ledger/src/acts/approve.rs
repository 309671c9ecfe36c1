//! The checker's half: what is approved is posted.

use yuhui_kernel::proposal::ProposalState;
use yuhui_platform::{
    Caller, Result, act::OpenAct, audit, db::Tenancy, idempotency::Key, unless_answered,
};
use yuhui_proto::{
    funding::v1 as pb,
    internal::v1::{RecoverySettled, event::Payload},
};

use super::{act::Act, answer::Answer, found::found, recover, remit, year_close};
use crate::{
    Deps, convert,
    domain::{
        book::{CityEvent, LedgerEvent},
        name,
        proposal::{Kind, Proposal},
    },
    gate::Deed,
    store::proposals,
};

/// Approves what [`super::propose::appropriation`] proposed.
pub async fn appropriation(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ApproveAppropriationRequest,
) -> Result<pb::ApproveAppropriationResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    approve(
        deps,
        caller,
        key,
        (&ask.name, &ask.etag),
        Kind::Appropriation,
    )
    .await
}

/// Approves what [`super::propose::supplement`] proposed.
pub async fn supplement(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ApproveSupplementRequest,
) -> Result<pb::ApproveSupplementResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    approve(deps, caller, key, (&ask.name, &ask.etag), Kind::Supplement).await
}

/// Approves what [`super::propose::year_close`] proposed.
pub async fn year_close(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ApproveYearCloseRequest,
) -> Result<pb::ApproveYearCloseResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    approve(deps, caller, key, (&ask.name, &ask.etag), Kind::YearClose).await
}

/// Approves what [`super::propose::county_share`] proposed.
pub async fn county_share(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ApproveCountyShareRequest,
) -> Result<pb::ApproveCountyShareResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    approve(deps, caller, key, (&ask.name, &ask.etag), Kind::CountyShare).await
}

/// Approves what [`super::propose::city_share`] proposed.
pub async fn city_share(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ApproveCityShareRequest,
) -> Result<pb::ApproveCityShareResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    approve(deps, caller, key, (&ask.name, &ask.etag), Kind::CityShare).await
}

/// Approves what [`super::propose::remittance`] proposed.
pub async fn remittance(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ApproveRemittanceRequest,
) -> Result<pb::ApproveRemittanceResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    approve(deps, caller, key, (&ask.name, &ask.etag), Kind::Remittance).await
}

/// Approves what [`super::propose::recovery_receipt`] proposed.
pub async fn recovery_receipt(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ApproveRecoveryReceiptRequest,
) -> Result<pb::ApproveRecoveryReceiptResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    approve(
        deps,
        caller,
        key,
        (&ask.name, &ask.etag),
        Kind::RecoveryReceipt,
    )
    .await
}

/// Approves what [`super::propose::write_off`] proposed and health endorsed.
pub async fn write_off(
    deps: &Deps,
    caller: &Caller,
    ask: &pb::ApproveWriteOffRequest,
) -> Result<pb::ApproveWriteOffResponse> {
    let key = Key::new(caller, &ask.request_id, ask)?;
    approve(
        deps,
        caller,
        key,
        (&ask.name, &ask.etag),
        Kind::RecoveryWriteOff,
    )
    .await
}

/// Approves a proposal of `kind`, as it was seen; any other is not there for this method, so that
/// a county's checker cannot approve the city's share. A budget is its own office's.
async fn approve<R: Answer>(
    deps: &Deps,
    caller: &Caller,
    key: Key,
    (name, etag): (&str, &str),
    kind: Kind,
) -> Result<R> {
    let (whose, id) = convert::proposed(caller, name)?;
    let open = unless_answered!(OpenAct::begin(&deps.db, &deps.clock, caller, whose, key));
    let tx = &open.tx;
    let full = name::proposal(whose.scope(), id);
    let mut act = Act::open(deps, tx, caller, &full).await?;
    let before = found(tx, caller, Deed::Approve(kind), (id, Some(etag))).await?;
    let (journal, settled) = post(&mut act, &before, &full).await?;
    let after = Proposal {
        state: ProposalState::Approved,
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
    if whose != Tenancy::City {
        let book = act.round(after.round).await?;
        act.announce(after.round, &book).await?;
    }
    open.finish(R::of(convert::proposal(whose.scope(), &after)))
        .await
}

/// Posts what was proposed; answers the last journal, and how a recovery ended if it did.
async fn post(
    act: &mut Act<'_>,
    proposal: &Proposal,
    full: &str,
) -> Result<(i64, Option<RecoverySettled>)> {
    let (round, amount) = (proposal.round, proposal.amount);
    if act.tx.tenancy() == Tenancy::City {
        let event = match proposal.kind {
            Kind::Supplement => CityEvent::BudgetSupplemented(amount),
            _ => CityEvent::BudgetApproved(amount),
        };
        return Ok((act.post_city_budget(round, event, full).await?, None));
    }
    let mut book = act.round(round).await?;
    let event = match proposal.kind {
        Kind::Appropriation => LedgerEvent::BudgetApproved { amount },
        Kind::Supplement => LedgerEvent::BudgetSupplemented { amount },
        Kind::YearClose => {
            year_close::unchanged(&book, proposal, act.today())?;
            LedgerEvent::YearClose
        }
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
