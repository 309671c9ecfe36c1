//! A sealed roster becomes a commitment, slice by slice.

use std::collections::BTreeSet;

use yuhui_kernel::{Arrival, Money, resource_name};
use yuhui_platform::{
    Result, audit,
    inbox::{Progress, slices},
};
use yuhui_proto::internal::v1::{ListSealedRosterLinesResponse, RosterSealed};

use super::{
    act::{Act, check_lines, inconsistent},
    terminate::stop,
};
use crate::{
    convert,
    domain::{
        book::{Account, LedgerEvent, RoundBook},
        line::LineState,
    },
    store::{
        lines::{self, Line},
        reservations,
        rosters::{self, Roster, RosterState},
    },
};

/// R-FUN-1: CONFIRM_ROSTER, once all its lines have come in.
pub async fn sealed(
    act: &mut Act<'_>,
    event: &RosterSealed,
    cursor: &str,
    slice: ListSealedRosterLinesResponse,
) -> Result<Progress> {
    let roster = Roster {
        name: event.roster.clone(),
        round: event.round,
        programme: convert::programme(event.programme())
            .ok_or_else(|| inconsistent("the roster has no programme"))?,
        total: Money::from_fen(event.total_fen),
        hash: event.roster_hash.clone(),
        state: RosterState::Sealed,
    };
    if rosters::get(act.tx, &roster.name).await?.is_some() {
        return Err(inconsistent(format!("{} was sealed before", roster.name)).into());
    }
    let (lines, mut arrival) = read_lines(
        act,
        &roster,
        &slice,
        slices::arrival(&event.roster, cursor)?,
    )?;
    lines::insert(act.tx, &lines).await?;
    arrival.next = slice.next_page_token;
    if let Some(more) = slices::more(&arrival)? {
        return Ok(more);
    }
    if !arrival.is(event.line_count, roster.total, &event.lines_digest) {
        return Err(inconsistent("these are not the lines that were sealed").into());
    }
    confirm(act, &roster, event.line_count).await?;
    Ok(Progress::Done)
}

async fn confirm(act: &mut Act<'_>, roster: &Roster, lines: i64) -> Result<()> {
    let mut book = act.round(roster.round).await?;
    supersede(act, &roster.name, &mut book, roster.round).await?;
    reservations::end(act.tx, &roster.name).await?;
    let confirm = LedgerEvent::ConfirmRoster {
        programme: roster.programme,
        amount: roster.total,
    };
    act.post(roster.round, &mut book, confirm, &roster.name)
        .await?;
    rosters::insert(act.tx, roster).await?;
    lines::arrived(act.tx, &roster.name).await?;
    check_lines(act, roster.round, &book).await?;
    let entry = audit::Entry::new("funding.roster.confirm", &roster.name);
    let entry = entry.after(&figures(roster, lines));
    let approved = book.balance(Account::BudgetApproved);
    let committed = book.balance(Account::BudgetCommitted);
    if committed > approved {
        // F.5: entitlement does not depend on the budget; the excess is reported at once.
        tracing::warn!(county = act.tx.scope(), round = roster.round, %committed, %approved,
            "commitments of county finance exceed its approved budget");
        let note = format!("已承诺{committed}元，超过批复指标{approved}元");
        return act
            .record(entry.reason("COMMITMENT_ABOVE_APPROVAL").note(note))
            .await;
    }
    act.record(entry).await
}

fn figures(roster: &Roster, lines: i64) -> serde_json::Value {
    serde_json::json!({
        "round": roster.round,
        "programme": roster.programme.code(),
        "total_fen": roster.total.fen(),
        "lines": lines,
        "hash": roster.hash,
    })
}

fn read_lines(
    act: &Act<'_>,
    roster: &Roster,
    slice: &ListSealedRosterLinesResponse,
    mut arrival: Arrival,
) -> Result<(Vec<Line>, Arrival)> {
    let county = act.tx.scope();
    let of_county =
        |it: &str, kind| resource_name::child(it, kind).is_some_and(|(code, _)| code == county);
    if !of_county(&roster.name, "rosters") {
        return Err(inconsistent("the roster is another county's").into());
    }
    let mut cases = BTreeSet::new();
    let mut lines = Vec::with_capacity(slice.lines.len());
    for line in &slice.lines {
        let amount = Money::from_fen(line.amount_fen);
        if amount <= Money::ZERO || !of_county(&line.case, "cases") || !cases.insert(&line.case) {
            let what = format!("{} has no amount, is another county's or twice", line.case);
            return Err(inconsistent(what).into());
        }
        let counted = arrival.with(&line.case, amount);
        arrival = counted.ok_or_else(|| inconsistent("the total cannot be counted"))?;
        lines.push(Line {
            roster: roster.name.clone(),
            case_name: line.case.clone(),
            round: roster.round,
            programme: roster.programme,
            amount,
            state: LineState::Arriving,
            stop_wanted: false,
        });
    }
    Ok((lines, arrival))
}

/// F18: a case that was returned and confirmed again is payable on its new roster, no longer on
/// the old one. A case whose money is at the bank or paid cannot be payable twice.
async fn supersede(
    act: &mut Act<'_>,
    roster: &str,
    book: &mut RoundBook,
    round: i32,
) -> Result<()> {
    let live = [
        LineState::Ready,
        LineState::Sent,
        LineState::Returned,
        LineState::Credited,
    ];
    for old in lines::elsewhere(act.tx, roster, &live).await? {
        if old.state != LineState::Ready {
            let what = format!(
                "{} is {} on {}",
                old.case_name,
                old.state.code(),
                old.roster
            );
            return Err(inconsistent(what).into());
        }
        if old.round == round {
            stop(act, &old, book).await?;
        } else {
            let mut other = act.round(old.round).await?;
            stop(act, &old, &mut other).await?;
            check_lines(act, old.round, &other).await?;
        }
    }
    Ok(())
}
