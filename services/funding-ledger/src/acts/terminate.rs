//! Lines that end before they are paid: what they would have cost is surplus.

use yuhui_platform::{Result, audit};
use yuhui_proto::internal::v1::LineTerminated;

use super::act::{Act, check_lines, inconsistent};
use crate::{
    domain::{
        book::{LedgerEvent, RoundBook, Stage},
        line::{LineState, Termination},
    },
    store::{
        book::refused,
        lines::{self, Line},
        reservations,
        rosters::{self, RosterState},
    },
};

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

/// TERMINATE_UNPAID.
pub async fn stop(act: &mut Act<'_>, line: &Line, book: &mut RoundBook) -> Result<()> {
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
