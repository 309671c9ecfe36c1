//! 年终结转: what the year of a round cost is closed against its funds (F.3).

use yuhui_kernel::{Date, Money, dates};
use yuhui_platform::Result;

use crate::{
    domain::{
        book::{LedgerEvent, RoundBook},
        proposal::Proposal,
    },
    refusal::Refusal,
    store::book::refused,
};

/// The net expense that a close of the year would close today; the book is tried, and given up.
pub fn closes(book: &mut RoundBook, round: i32, today: Date) -> Result<Money> {
    let from = dates::year_end(round);
    if today < from {
        return Err(Refusal::YearNotOver { round, from }.into());
    }
    let expense = book.net_expense().map_err(refused)?;
    book.post(&LedgerEvent::YearClose).map_err(refused)?;
    Ok(expense)
}

/// What is approved is what was proposed: a line that lapsed since changes it.
pub fn unchanged(book: &RoundBook, proposal: &Proposal, today: Date) -> Result<()> {
    let now = closes(&mut book.clone(), proposal.round, today)?;
    if now == proposal.amount {
        return Ok(());
    }
    let proposed = proposal.amount;
    Err(Refusal::ExpenseChanged { proposed, now }.into())
}
