//! Batches sent to the bank, and the bank's answers.

use std::collections::BTreeMap;

use yuhui_kernel::Money;
use yuhui_platform::{Result, audit};
use yuhui_proto::internal::v1::{BatchReleased, LineSettled, LinesSettled};

use super::{
    act::{Act, check_lines, inconsistent},
    terminate::lapse,
};
use crate::{
    domain::{
        book::{LedgerEvent, Refused, RoundBook},
        line::LineState,
    },
    refusal::Refusal,
    store::{
        lines::{self, Line},
        rosters::{self, RosterState},
    },
};

/// Lines of a round by case, in one of `states`.
async fn by_case(
    act: &Act<'_>,
    round: i32,
    cases: &[&str],
    states: &[LineState],
) -> Result<BTreeMap<String, Line>> {
    let found = lines::of_cases(act.tx, cases, states).await?.into_iter();
    let of_round = found.filter(|it| it.round == round);
    let lines: BTreeMap<_, _> = of_round.map(|it| (it.case_name.clone(), it)).collect();
    match cases.iter().find(|it| !lines.contains_key(**it)) {
        Some(case) => Err(inconsistent(format!("{case} is not waiting for this")).into()),
        None if lines.len() == cases.len() => Ok(lines),
        None => Err(inconsistent("a case is named twice").into()),
    }
}

fn total(lines: &[Line]) -> Result<Money> {
    let amounts = lines.iter().map(|it| it.amount);
    Ok(Money::total(amounts).ok_or(Refusal::Book(Refused::Overflow))?)
}

/// SEND_BATCH for lines sent for the first time, REISSUE for corrected ones.
pub async fn released(act: &mut Act<'_>, event: &BatchReleased) -> Result<()> {
    let cases: Vec<&str> = event.cases.iter().map(String::as_str).collect();
    let states = [LineState::Ready, LineState::Returned];
    let lines = by_case(act, event.round, &cases, &states).await?;
    let (first, again): (Vec<_>, Vec<_>) = lines
        .into_values()
        .partition(|it| it.state == LineState::Ready);
    let (first_sum, again_sum) = (total(&first)?, total(&again)?);
    if first_sum.fen() != event.first_fen || again_sum.fen() != event.reissue_fen {
        return Err(inconsistent("the batch is not the sum of its lines").into());
    }
    let mut book = act.round(event.round).await?;
    covered(act, &first, first_sum, &book).await?;
    if first_sum > Money::ZERO {
        let send = LedgerEvent::SendBatch { amount: first_sum };
        act.post(event.round, &mut book, send, &event.batch).await?;
    }
    if again_sum > Money::ZERO {
        let reissue = LedgerEvent::Reissue { amount: again_sum };
        act.post(event.round, &mut book, reissue, &event.batch)
            .await?;
    }
    lines::mark(act.tx, &first, LineState::Sent).await?;
    lines::mark(act.tx, &again, LineState::Sent).await?;
    check_lines(act, event.round, &book).await?;
    let figures = serde_json::json!({
        "round": event.round,
        "first_fen": event.first_fen,
        "reissue_fen": event.reissue_fen,
        "lines": event.cases.len(),
    });
    let entry = audit::Entry::new("funding.batch.send", &event.batch);
    act.record(entry.after(&figures)).await
}

/// R-FUN-3, line by line: both shares must have arrived for the roster of each.
async fn covered(act: &Act<'_>, lines: &[Line], asked: Money, book: &RoundBook) -> Result<()> {
    let mut names: Vec<&str> = lines.iter().map(|it| it.roster.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let roster = rosters::get(act.tx, name).await?;
        if !roster.is_some_and(|it| it.state == RosterState::Funded) {
            let short = Refused::SharesNotReceived {
                asked,
                releasable: book.totals().releasable,
                city_due: book.city_due(),
                county_due: book.county_due(),
            };
            return Err(Refusal::Book(short).into());
        }
    }
    Ok(())
}

/// BANK_PAID and BANK_RETURNED.
pub async fn settled(act: &mut Act<'_>, event: &LinesSettled) -> Result<()> {
    let cases: Vec<&str> = event.lines.iter().map(|it| it.case.as_str()).collect();
    let mut lines = by_case(act, event.round, &cases, &[LineState::Sent]).await?;
    let (mut paid, mut returned) = (Vec::new(), Vec::new());
    for LineSettled {
        case,
        amount_fen,
        credited,
        ..
    } in &event.lines
    {
        let line = lines
            .remove(case)
            .filter(|it| it.amount.fen() == *amount_fen)
            .ok_or_else(|| inconsistent(format!("{case} was sent with another amount")))?;
        if *credited { &mut paid } else { &mut returned }.push(line);
    }
    let (paid_sum, returned_sum) = (total(&paid)?, total(&returned)?);
    let mut book = act.round(event.round).await?;
    if paid_sum > Money::ZERO {
        let credit = LedgerEvent::BankPaid { amount: paid_sum };
        act.post(event.round, &mut book, credit, &event.batch)
            .await?;
    }
    if returned_sum > Money::ZERO {
        let amount = returned_sum;
        let back = LedgerEvent::BankReturned { amount };
        act.post(event.round, &mut book, back, &event.batch).await?;
    }
    lines::mark(act.tx, &paid, LineState::Credited).await?;
    lines::mark(act.tx, &returned, LineState::Returned).await?;
    for line in returned.iter().filter(|it| it.stop_wanted) {
        lapse(act, line, &mut book).await?;
    }
    check_lines(act, event.round, &book).await?;
    let figures = serde_json::json!({
        "round": event.round,
        "credited_fen": paid_sum.fen(),
        "returned_fen": returned_sum.fen(),
        "lines": event.lines.len(),
    });
    let entry = audit::Entry::new("funding.batch.settle", &event.batch);
    act.record(entry.after(&figures)).await
}
