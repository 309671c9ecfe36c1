//! approved = funded = instructed = credited + returned + unknown, by county and round.
//!
//! Two independent records are compared: the book (journals) and the payment lines. Where each
//! figure comes from:
//!
//! * *approved*: lines of sealed rosters that are neither terminated nor lapsed.
//! * *funded*: shares received (RECEIVE_*) less what terminations and lapses put to 2101 and
//!   2102, remitted or not. Recoveries do not count: they go back whole (R-FUN-6).
//! * *instructed*: lines that are at the bank, credited or returned.
//! * *credited*, *returned*, *unknown*: lines credited; returned and waiting; sent without answer.
//!
//! Before the round is over the figures differ by what has not happened yet, and by nothing
//! else. So the round is *balanced* if at this instant
//!
//! 1. approved = funded + still due (1201 + 1202) + not recorded yet,
//! 2. approved = instructed + lines not sent yet,
//! 3. instructed = credited + returned + unknown,
//! 4. the book says the same: committed = approved, 2001 = lines not sent + unknown,
//!    1002 = unknown, 2002 = returned, BANK_PAID in all = credited.
//!
//! Once everything has arrived and was sent, 1–3 are the equation of the title.

use yuhui_kernel::Money;

use crate::domain::book::{Account, Refused, RoundBook};

/// Sums of payment lines by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineSums {
    /// Payable, not sent.
    pub ready: Money,
    /// Sent without answer.
    pub sent: Money,
    /// Credited.
    pub credited: Money,
    /// Returned and waiting for correction.
    pub returned: Money,
}

/// The figures of one county and round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reconciliation {
    /// Sealed rosters less terminated and lapsed lines.
    pub approved: Money,
    /// Shares received less surplus.
    pub funded: Money,
    /// Sent to the bank and not returned for good.
    pub instructed: Money,
    /// Credited.
    pub credited: Money,
    /// Returned and waiting for correction.
    pub returned: Money,
    /// Sent without answer.
    pub unknown: Money,
    /// Whether the figures agree (see the module).
    pub is_balanced: bool,
}

impl Reconciliation {
    /// Draws the figures of a round from its book and its lines.
    pub fn of(book: &RoundBook, lines: &LineSums) -> Result<Self, Refused> {
        let totals = book.totals();
        let sum = |parts: &[Money]| Money::total(parts.iter().copied()).ok_or(Refused::Overflow);
        let instructed = sum(&[lines.sent, lines.credited, lines.returned])?;
        let approved = sum(&[lines.ready, instructed])?;
        let received = sum(&[totals.received_city, totals.received_county])?;
        let funded = received
            .checked_sub(totals.surplus)
            .ok_or(Refused::Overflow)?;
        let due = sum(&[book.city_due(), book.county_due(), totals.unrecorded])?;
        let is_balanced = approved == sum(&[funded, due])?
            && approved == totals.committed
            && agrees(book, lines)?;
        Ok(Self {
            approved,
            funded,
            instructed,
            credited: lines.credited,
            returned: lines.returned,
            unknown: lines.sent,
            is_balanced,
        })
    }
}

/// Whether book and lines say the same: 2001 = Σ open lines, 1002 = Σ lines sent without
/// answer, 2002 = Σ returned lines, credited = Σ credited lines (F.3).
pub fn agrees(book: &RoundBook, lines: &LineSums) -> Result<bool, Refused> {
    let open = lines
        .ready
        .checked_add(lines.sent)
        .ok_or(Refused::Overflow)?;
    let owed = |account| Money::ZERO.checked_sub(book.balance(account));
    Ok(owed(Account::Payable) == Some(open)
        && book.balance(Account::InTransit) == lines.sent
        && owed(Account::ReturnedPending) == Some(lines.returned)
        && book.totals().credited == lines.credited)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::book::{LedgerEvent, Programme, ResidualBearer};

    fn fen(amount: i64) -> Money {
        Money::from_fen(amount)
    }

    #[test]
    fn a_round_is_balanced_at_every_step_and_ends_in_one_figure() {
        let mut book = RoundBook::new(ResidualBearer::County);
        let mut lines = LineSums::default();
        let nothing = Reconciliation::of(&book, &lines).expect("small");
        assert!(nothing.is_balanced && nothing.approved.is_zero());
        let (programme, amount) = (Programme::P1, fen(1_001));
        let (city, county) = (fen(500), fen(501));
        let steps = [
            (
                LedgerEvent::ConfirmRoster { programme, amount },
                1_001,
                0,
                0,
            ),
            (LedgerEvent::RecogniseShares { amount }, 1_001, 0, 0),
            (LedgerEvent::ReceiveCity { amount: city }, 1_001, 0, 0),
            (LedgerEvent::ReceiveCounty { amount: county }, 1_001, 0, 0),
            (LedgerEvent::SendBatch { amount }, 0, 1_001, 0),
            (LedgerEvent::BankPaid { amount }, 0, 0, 1_001),
        ];
        for (event, ready, sent, credited) in steps {
            book.post(&event).expect("posted");
            (lines.ready, lines.sent, lines.credited) = (fen(ready), fen(sent), fen(credited));
            let figures = Reconciliation::of(&book, &lines).expect("small");
            assert!(figures.is_balanced, "{event:?}: {figures:?}");
        }
        let end = Reconciliation::of(&book, &lines).expect("small");
        assert_eq!(end.approved, end.funded);
        assert_eq!(end.funded, end.instructed);
        assert_eq!(end.instructed, end.credited);
    }

    #[test]
    fn a_line_that_the_book_does_not_know_unbalances_the_round() {
        let book = RoundBook::new(ResidualBearer::County);
        let lines = LineSums {
            credited: fen(1),
            ..LineSums::default()
        };
        let figures = Reconciliation::of(&book, &lines).expect("small");
        assert!(!figures.is_balanced);
    }
}
