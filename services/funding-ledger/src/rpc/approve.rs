//! The checker's half: what is approved is posted.

use yuhui_kernel::{Money, Tenant};
use yuhui_platform::{
    Caller, Result, audit,
    idempotency::Key,
    refusal::{denied, not_found},
};
use yuhui_proto::events::v1::{RecoverySettled, event::Payload};

use super::{Handlers, act::Act, answer::Answer, propose::Surplus, show};
use crate::{
    book::LedgerEvent,
    domain::{
        name,
        proposal::{Barred, Kind, Proposal},
        recovery::Recovery,
    },
    refusal::Refusal,
    store::{proposals, recoveries, reservations},
};

impl Handlers {
    /// Approves a proposal of one of `kinds`; any other is not there for this method, so that
    /// a county's checker cannot approve the city's share.
    pub async fn approve<R: Answer>(
        &self,
        caller: &Caller,
        key: &Key,
        (county, id): (Tenant, &str),
        kinds: &[Kind],
    ) -> Result<R> {
        let tx = self.0.db.begin(county).await?;
        if let Some(answer) = key.answered::<R>(&tx).await? {
            return Ok(answer);
        }
        let full = name::proposal(county.as_str(), id);
        let mut act = Act::open(&self.0, &tx, caller, &full).await?;
        let found = proposals::get(&tx, id).await?;
        let before = found
            .filter(|it| kinds.contains(&it.kind))
            .ok_or_else(|| not_found(&full))?;
        before
            .may_be_approved_by(&caller.account, caller.person.as_deref())
            .map_err(|barred| match barred {
                Barred::Approved => Refusal::AlreadyApproved { name: full.clone() }.into(),
                Barred::SameHand => same_hand(),
            })?;
        let (journal, settled) = post(&mut act, &before, &full).await?;
        let after = Proposal {
            checker: Some(caller.account.clone()),
            journal: Some(journal),
            ..before.clone()
        };
        proposals::approve(&tx, &after).await?;
        let entry = audit::Entry::new("funding.proposal.approve", &full);
        let entry = entry.before(&before).after(&after);
        act.record(entry.reason(&after.document)).await?;
        if let Some(settled) = settled {
            let payload = Payload::RecoverySettled(settled);
            act.publish("eligibility", payload)?;
        }
        let book = act.round(after.round).await?;
        act.announce(after.round, &book).await?;
        let answer = R::of(show::proposal(county.as_str(), &after));
        key.remember(&tx, &answer).await?;
        tx.commit().await?;
        self.follow(county).await;
        Ok(answer)
    }
}

fn same_hand() -> yuhui_platform::Error {
    denied(
        "DYN-1",
        "经办人不得审批本人提出的申请",
        "who made a proposal cannot approve it",
    )
    .into()
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
        Kind::Remittance => return Ok((remit(act, proposal, full).await?, None)),
    };
    let settled = match &proposal.case_name {
        Some(case) => settle(act, proposal, case).await?,
        None => None,
    };
    let journal = act.post(round, &mut book, event, full).await?;
    Ok((journal, settled))
}

/// R-FUN-5: everything that is surplus and not reserved goes back, to each treasury its part.
async fn remit(act: &mut Act<'_>, proposal: &Proposal, full: &str) -> Result<i64> {
    let round = proposal.round;
    let mut book = act.round(round).await?;
    let surplus = Surplus::of(act.tx, round, &book, act.today()).await?;
    let due = surplus.free()?;
    if due != proposal.amount {
        let proposed = proposal.amount;
        return Err(Refusal::SurplusChanged { proposed, due }.into());
    }
    let parts = [
        LedgerEvent::RemitCity {
            amount: surplus.city,
        },
        LedgerEvent::RemitCounty {
            amount: surplus.county,
        },
    ];
    let mut last = 0;
    for event in parts {
        if event.amount().is_some_and(|it| it > Money::ZERO) {
            last = act.post(round, &mut book, event, full).await?;
        }
    }
    reservations::remitted(act.tx, round, act.today()).await?;
    Ok(last)
}

async fn settle(act: &Act<'_>, proposal: &Proposal, case: &str) -> Result<Option<RecoverySettled>> {
    let asked = proposal.amount;
    let case = case.to_owned();
    let Some(recovery) = recoveries::get(act.tx, &case).await? else {
        return Err(Refusal::NoRecovery { case }.into());
    };
    let outstanding = recovery.outstanding();
    if asked > outstanding {
        return Err(Refusal::AboveRecovery {
            case,
            outstanding,
            asked,
        }
        .into());
    }
    let added = |part: Money| part.checked_add(asked).unwrap_or(part);
    let after = match proposal.kind {
        Kind::RecoveryWriteOff => Recovery {
            written_off: added(recovery.written_off),
            ..recovery
        },
        _ => Recovery {
            recovered: added(recovery.recovered),
            ..recovery
        },
    };
    recoveries::save(act.tx, &after).await?;
    Ok(after
        .ended()
        .map(|recovered| RecoverySettled { case, recovered }))
}
