//! Money demanded back, received and given up (追回, 五(三)3).

use yuhui_kernel::Money;
use yuhui_platform::{Result, audit};
use yuhui_proto::internal::v1::{RecoveryDecided, RecoverySettled};

use super::act::{Act, inconsistent};
use crate::{
    domain::{
        book::LedgerEvent,
        line::LineState,
        proposal::{Kind, Proposal},
        recovery::Recovery,
    },
    refusal::Refusal,
    store::{lines, recoveries},
};

/// 五(三)3: CLAWBACK_DECIDED; not more than was paid for the case.
pub async fn decided(act: &mut Act<'_>, event: &RecoveryDecided) -> Result<()> {
    let amount = Money::from_fen(event.amount_fen);
    let cases = [event.case.as_str()];
    let credited = lines::of_cases(act.tx, &cases, &[LineState::Credited]).await?;
    let of_round = credited.iter().filter(|it| it.round == event.round);
    let paid = Money::total(of_round.map(|it| it.amount)).unwrap_or_default();
    let before = recoveries::get(act.tx, &event.case).await?;
    let demanded = before.as_ref().map_or(Money::ZERO, |it| it.demanded);
    let Some(after) = demanded.checked_add(amount).filter(|it| *it <= paid) else {
        let what = format!("{}: {paid} yuan was paid, {demanded} demanded", event.case);
        return Err(inconsistent(what).into());
    };
    let mut book = act.round(event.round).await?;
    let decided = LedgerEvent::ClawbackDecided { amount };
    act.post(event.round, &mut book, decided, &event.case)
        .await?;
    let recovery = Recovery {
        case_name: event.case.clone(),
        round: event.round,
        demanded: after,
        recovered: before.as_ref().map_or(Money::ZERO, |it| it.recovered),
        written_off: before.as_ref().map_or(Money::ZERO, |it| it.written_off),
    };
    recoveries::save(act.tx, &recovery).await?;
    let entry = audit::Entry::new("funding.recovery.demand", &event.case);
    act.record(entry.after(&recovery)).await
}

/// What was received or given up is no longer outstanding; answers how the recovery ended if it did.
pub async fn settle(
    act: &Act<'_>,
    proposal: &Proposal,
    case: &str,
) -> Result<Option<RecoverySettled>> {
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
