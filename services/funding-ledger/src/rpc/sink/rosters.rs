//! Rosters sealed and recorded, lines terminated.

use std::collections::BTreeSet;

use yuhui_kernel::{Arrival, Money, dates};
use yuhui_platform::{Result, audit, inbox::Progress};
use yuhui_proto::{
    eligibility::v1::ListSealedRosterLinesResponse,
    events::v1::{CaseContestable, LineTerminated, RosterRecorded, RosterSealed},
    types::v1::Programme as Named,
};

use super::{
    super::act::{Act, inconsistent},
    check_lines,
};
use crate::{
    book::{Account, LedgerEvent, Programme, RoundBook, Stage},
    domain::{
        line::{LineState, Termination},
        name,
    },
    store::{
        book::refused,
        lines::{self, Line},
        reservations,
        rosters::{self, Roster, RosterState},
    },
};

fn programme(named: Named) -> Result<Programme> {
    match named {
        Named::P1 => Ok(Programme::P1),
        Named::P2 => Ok(Programme::P2),
        Named::P3 => Ok(Programme::P3),
        Named::P4 => Ok(Programme::P4),
        Named::Unspecified => Err(inconsistent("the roster has no programme").into()),
    }
}

/// What of a roster has come in before.
pub fn arrival(event: &RosterSealed, cursor: &str) -> Result<Arrival> {
    Ok(match cursor {
        "" => Arrival::of(&event.roster),
        cursor => serde_json::from_str(cursor)?,
    })
}

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
        programme: programme(event.programme())?,
        total: Money::from_fen(event.total_fen),
        hash: event.roster_hash.clone(),
        state: RosterState::Sealed,
    };
    if rosters::get(act.tx, &roster.name).await?.is_some() {
        return Err(inconsistent(format!("{} was sealed before", roster.name)).into());
    }
    let (lines, mut arrival) = read_lines(act, &roster, &slice, arrival(event, cursor)?)?;
    lines::insert(act.tx, &lines).await?;
    arrival.next = slice.next_page_token;
    if !arrival.next.is_empty() {
        return Ok(Progress::More(serde_json::to_string(&arrival)?));
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
    let of_county = |it: &str, kind| name::child(it, kind).is_some_and(|(code, _)| code == county);
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

/// R-FUN-2: RECOGNISE_SHARES, net of lines terminated since the roster was sealed.
pub async fn recorded(act: &mut Act<'_>, event: &RosterRecorded) -> Result<()> {
    let found = rosters::get(act.tx, &event.roster).await?;
    let waiting = found.filter(|it| it.state == RosterState::Sealed && it.round == event.round);
    let Some(roster) = waiting else {
        return Err(inconsistent(format!("{} is not sealed and waiting", event.roster)).into());
    };
    let amount = lines::payable_of(act.tx, &roster.name).await?;
    // The total is the sealed one, or what is left of it.
    if ![roster.total.fen(), amount.fen()].contains(&event.total_fen) {
        return Err(inconsistent(format!("{} has another total", event.roster)).into());
    }
    let mut book = act.round(roster.round).await?;
    if amount > Money::ZERO {
        let recognise = LedgerEvent::RecogniseShares { amount };
        act.post(roster.round, &mut book, recognise, &roster.name)
            .await?;
    }
    rosters::record(act.tx, &roster.name, &event.record_number).await?;
    let (city, county) = (book.city_due().fen(), book.county_due().fen());
    let figures = serde_json::json!({
        "recognised_fen": amount.fen(), "city_due_fen": city, "county_due_fen": county,
    });
    let entry = audit::Entry::new("funding.roster.recognise", &roster.name);
    act.record(entry.after(&figures).note(&event.record_number))
        .await?;
    act.announce(roster.round, &book).await
}

/// 六: TERMINATE_UNPAID, or LAPSE_RETURNED if the bank had returned the line.
pub async fn terminated(act: &mut Act<'_>, event: &LineTerminated) -> Result<()> {
    let entry = audit::Entry::new("funding.line.terminate", &event.case).reason(&event.reason);
    let Some(line) = lines::get(act.tx, &event.roster, &event.case).await? else {
        // F24: before its roster was sealed a case owes nothing to the ledger.
        return act.record(entry.note("不在已封存的花名册内")).await;
    };
    if line.amount.fen() != event.amount_fen {
        return Err(inconsistent(format!("{} has another amount", event.case)).into());
    }
    let mut book = act.round(line.round).await?;
    match line.state.on_termination() {
        Termination::Terminate => stop(act, &line, &mut book).await?,
        Termination::Lapse => lapse(act, &line, &mut book).await?,
        Termination::StopIfReturned => lines::want_stopped(act.tx, &line).await?,
        Termination::TooLate => {}
    }
    check_lines(act, line.round, &book).await?;
    let after = lines::get(act.tx, &event.roster, &event.case).await?;
    let state = after.map_or(line.state, |it| it.state).code();
    act.record(entry.before(&line.state.code()).after(&state))
        .await?;
    // What was still due may have been just this line.
    act.announce(line.round, &book).await
}

/// C.8: “the system keeps the money of a contested case reserved in the ledger until the term has run”:
/// what the case's line gave back is not sent back to the treasuries before.
pub async fn contestable(act: &mut Act<'_>, event: &CaseContestable) -> Result<()> {
    let until = match event.until_on.as_str() {
        "" => None,
        day => Some(dates::parse(day).map_err(|_| inconsistent(format!("`{day}` is no day")))?),
    };
    if name::child(&event.case, "cases").is_none_or(|(county, _)| county != act.tx.scope()) {
        return Err(inconsistent("the case is another county's").into());
    }
    reservations::save(act.tx, &event.case, until).await?;
    let entry = audit::Entry::new("funding.line.reserve", &event.case).after(&event.until_on);
    act.record(entry).await
}

async fn stop(act: &mut Act<'_>, line: &Line, book: &mut RoundBook) -> Result<()> {
    let roster = rosters::get(act.tx, &line.roster).await?;
    let stage = match roster.map(|it| it.state) {
        Some(RosterState::Recorded | RosterState::Funded) => Stage::Recorded,
        Some(RosterState::Sealed) | None => Stage::Sealed,
    };
    let event = LedgerEvent::TerminateUnpaid {
        programme: line.programme,
        amount: line.amount,
        stage,
    };
    give_back(act, line, book, event).await?;
    lines::mark(act.tx, std::slice::from_ref(line), LineState::Terminated).await
}

/// Posts the end of a line, and keeps what it put to the surplus: it may be contested (C.8).
async fn give_back(
    act: &mut Act<'_>,
    line: &Line,
    book: &mut RoundBook,
    event: LedgerEvent,
) -> Result<()> {
    let before = book.surplus_due().map_err(refused)?;
    act.post(line.round, book, event, &line.case_name).await?;
    let after = book.surplus_due().map_err(refused)?;
    let (city, county) = (
        after.0.checked_sub(before.0).unwrap_or_default(),
        after.1.checked_sub(before.1).unwrap_or_default(),
    );
    if !city.is_zero() || !county.is_zero() {
        reservations::gave_back(act.tx, line, city, county).await?;
    }
    Ok(())
}

/// LAPSE_RETURNED: the money is back and goes to the treasuries.
pub async fn lapse(act: &mut Act<'_>, line: &Line, book: &mut RoundBook) -> Result<()> {
    let event = LedgerEvent::LapseReturned {
        programme: line.programme,
        amount: line.amount,
    };
    give_back(act, line, book, event).await?;
    lines::mark(act.tx, std::slice::from_ref(line), LineState::Lapsed).await
}
