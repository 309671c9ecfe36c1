//! The budget of a round, and the close of its year.

use super::*;

#[test]
fn closing_the_year_leaves_the_funds_within_a_fen() {
    let mut book = funded(1_001);
    let send = LedgerEvent::SendBatch { amount: fen(1_001) };
    let paid = LedgerEvent::BankPaid { amount: fen(1_001) };
    let decided = LedgerEvent::ClawbackDecided { amount: fen(335) };
    let recovered = LedgerEvent::ClawbackRecovered { amount: fen(101) };
    let written_off = LedgerEvent::ClawbackWrittenOff { amount: fen(234) };
    let close = LedgerEvent::YearClose;
    for event in [send, paid, decided, close, recovered, written_off, close] {
        book.post(&event).expect("posted");
    }
    assert_eq!(book.balance(Account::Expense(Programme::P1)), Money::ZERO);
    assert_eq!(book.balance(Account::CityFund), Money::ZERO);
    assert_eq!(book.post(&close), Err(Refused::NothingToClose));
}

#[test]
fn a_budget_that_was_approved_is_added_to() {
    let mut book = recorded(1_001);
    let more = LedgerEvent::BudgetSupplemented { amount: fen(1) };
    assert_eq!(book.post(&more), Err(Refused::NoBudget));
    book.post(&LedgerEvent::BudgetApproved { amount: fen(600) })
        .expect("approved");
    book.post(&more).expect("added");
    assert_eq!(book.balance(Account::BudgetApproved), fen(601));
}

#[test]
fn the_year_is_not_closed_over_what_is_not_known() {
    let mut book = funded(1_000);
    let programme = Programme::P2;
    let amount = fen(7);
    let close = LedgerEvent::YearClose;
    book.post(&LedgerEvent::SendBatch { amount: fen(400) })
        .expect("sent");
    assert_eq!(book.post(&close), Err(Refused::Underway(fen(400))));
    book.post(&LedgerEvent::BankPaid { amount: fen(400) })
        .expect("paid");
    book.post(&LedgerEvent::ConfirmRoster { programme, amount })
        .expect("sealed");
    assert_eq!(book.post(&close), Err(Refused::Unrecorded(amount)));
    book.post(&LedgerEvent::RecogniseShares { amount })
        .expect("recorded");
    // What is payable and not sent is carried over as a liability.
    book.post(&close).expect("closed");
    assert_eq!(book.balance(Account::Payable), fen(-607));
    assert_eq!(book.post(&close), Err(Refused::NothingToClose));
}
