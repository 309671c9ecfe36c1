//! The journal templates (F.3): which entries an event writes and how it moves the totals.

use yuhui_kernel::Money;

use super::{
    account::Account,
    event::{LedgerEvent, Programme, Stage},
    journal::Posting,
    refused::{Refused, fits},
    round::{RoundBook, Totals},
};

/// The entries of `event`; `totals` is moved along. Amounts are positive here.
pub(super) fn draft(
    book: &RoundBook,
    event: &LedgerEvent,
    totals: &mut Totals,
) -> Result<Posting, Refused> {
    use Account::{
        BudgetApproved, BudgetCommitted, BudgetPaid, CityFund, CountyFund, Deposit, DueFromCity,
        DueFromCounty, DueToCity, DueToCounty, Expense, InTransit, Payable, RecoveryContra,
        RecoveryReceivable, ReturnedPending,
    };
    let mut posting = Posting::default();
    match *event {
        LedgerEvent::ConfirmRoster { programme, amount } => {
            posting.debit(Expense(programme), amount);
            posting.credit(Payable, amount);
            totals.unrecorded = fits(totals.unrecorded.checked_add(amount))?;
            totals.committed = fits(totals.committed.checked_add(amount))?;
        }
        LedgerEvent::RecogniseShares { amount } => {
            within(Payable, totals.unrecorded, amount)?;
            let shared = fits(totals.shared.checked_add(amount))?;
            let (city, county) = fits(book.bearer().change(totals.shared, shared))?;
            posting.debit(DueFromCity, city);
            posting.debit(DueFromCounty, county);
            posting.credit(CityFund, city);
            posting.credit(CountyFund, county);
            totals.unrecorded = fits(totals.unrecorded.checked_sub(amount))?;
            totals.shared = shared;
        }
        LedgerEvent::ReceiveCity { amount } => {
            within(DueFromCity, book.city_due(), amount)?;
            posting.debit(Deposit, amount);
            posting.credit(DueFromCity, amount);
            totals.received_city = fits(totals.received_city.checked_add(amount))?;
        }
        LedgerEvent::ReceiveCounty { amount } => {
            within(DueFromCounty, book.county_due(), amount)?;
            posting.debit(Deposit, amount);
            posting.credit(DueFromCounty, amount);
            totals.received_county = fits(totals.received_county.checked_add(amount))?;
        }
        LedgerEvent::SendBatch { amount } => {
            if amount > totals.releasable {
                return Err(Refused::SharesNotReceived {
                    asked: amount,
                    releasable: totals.releasable,
                    city_due: book.city_due(),
                    county_due: book.county_due(),
                });
            }
            posting.debit(InTransit, amount);
            posting.credit(Deposit, amount);
            totals.releasable = fits(totals.releasable.checked_sub(amount))?;
        }
        LedgerEvent::BankPaid { amount } => {
            within(InTransit, book.balance(InTransit), amount)?;
            posting.debit(Payable, amount);
            posting.credit(InTransit, amount);
            totals.credited = fits(totals.credited.checked_add(amount))?;
        }
        LedgerEvent::BankReturned { amount } => {
            within(InTransit, book.balance(InTransit), amount)?;
            posting.debit(Payable, amount);
            posting.credit(ReturnedPending, amount);
            posting.debit(Deposit, amount);
            posting.credit(InTransit, amount);
        }
        LedgerEvent::Reissue { amount } => {
            within(ReturnedPending, book.owed(ReturnedPending)?, amount)?;
            posting.debit(ReturnedPending, amount);
            posting.credit(Payable, amount);
            posting.debit(InTransit, amount);
            posting.credit(Deposit, amount);
        }
        LedgerEvent::TerminateUnpaid {
            programme,
            amount,
            stage: Stage::Sealed,
        } => {
            within(Payable, totals.unrecorded, amount)?;
            posting.debit(Payable, amount);
            posting.credit(Expense(programme), amount);
            totals.unrecorded = fits(totals.unrecorded.checked_sub(amount))?;
            totals.committed = fits(totals.committed.checked_sub(amount))?;
        }
        LedgerEvent::TerminateUnpaid {
            programme,
            amount,
            stage: stage @ (Stage::Recorded | Stage::Allocated { .. }),
        } => {
            let recorded = fits(book.unsent()?.checked_sub(totals.unrecorded))?;
            within(Payable, recorded, amount)?;
            posting.debit(Payable, amount);
            posting.credit(Expense(programme), amount);
            let (mut city, mut county) = unshare(book, &mut posting, totals, amount)?;
            if !matches!(stage, Stage::Allocated { city: true, .. }) {
                city = forgive(book, &mut posting, DueFromCity, city)?;
            }
            if !matches!(stage, Stage::Allocated { county: true, .. }) {
                county = forgive(book, &mut posting, DueFromCounty, county)?;
            }
            posting.credit(DueToCity, city);
            posting.credit(DueToCounty, county);
            let surplus = fits(city.checked_add(county))?;
            totals.surplus = fits(totals.surplus.checked_add(surplus))?;
            totals.committed = fits(totals.committed.checked_sub(amount))?;
        }
        LedgerEvent::LapseReturned { programme, amount } => {
            within(ReturnedPending, book.owed(ReturnedPending)?, amount)?;
            posting.debit(ReturnedPending, amount);
            posting.credit(Expense(programme), amount);
            let (city, county) = unshare(book, &mut posting, totals, amount)?;
            posting.credit(DueToCity, city);
            posting.credit(DueToCounty, county);
            totals.surplus = fits(totals.surplus.checked_add(amount))?;
            totals.committed = fits(totals.committed.checked_sub(amount))?;
        }
        LedgerEvent::ClawbackDecided { amount } => {
            let undemanded = fits(totals.credited.checked_sub(totals.demanded))?;
            within(RecoveryReceivable, undemanded, amount)?;
            posting.debit(RecoveryReceivable, amount);
            posting.credit(RecoveryContra, amount);
            totals.demanded = fits(totals.demanded.checked_add(amount))?;
        }
        LedgerEvent::ClawbackRecovered { amount } => {
            within(RecoveryReceivable, book.balance(RecoveryReceivable), amount)?;
            posting.debit(Deposit, amount);
            posting.credit(RecoveryReceivable, amount);
            let (city, county) = unshare(book, &mut posting, totals, amount)?;
            posting.credit(DueToCity, city);
            posting.credit(DueToCounty, county);
        }
        LedgerEvent::ClawbackWrittenOff { amount } => {
            within(RecoveryReceivable, book.balance(RecoveryReceivable), amount)?;
            posting.debit(RecoveryContra, amount);
            posting.credit(RecoveryReceivable, amount);
        }
        LedgerEvent::RemitCity { amount } => remit(book, &mut posting, DueToCity, amount)?,
        LedgerEvent::RemitCounty { amount } => remit(book, &mut posting, DueToCounty, amount)?,
        LedgerEvent::YearClose => close(book, &mut posting, totals)?,
        LedgerEvent::BudgetApproved { amount } => posting.debit(BudgetApproved, amount),
        LedgerEvent::BudgetSupplemented { amount } => {
            if book.balance(BudgetApproved).is_zero() {
                return Err(Refused::NoBudget);
            }
            posting.debit(BudgetApproved, amount);
        }
    }
    let (_, committed) = book.bearer().split(totals.committed);
    let (_, paid) = book.bearer().split(totals.credited);
    memo(book, &mut posting, BudgetCommitted, committed)?;
    memo(book, &mut posting, BudgetPaid, paid)?;
    Ok(posting)
}

fn within(account: Account, available: Money, asked: Money) -> Result<(), Refused> {
    if asked > available {
        return Err(Refused::Exceeds {
            account,
            available,
            asked,
        });
    }
    Ok(())
}

/// Takes `amount` out of the running shared total by re-split and debits the funds; gives what
/// falls to city and county.
fn unshare(
    book: &RoundBook,
    posting: &mut Posting,
    totals: &mut Totals,
    amount: Money,
) -> Result<(Money, Money), Refused> {
    let rest = fits(totals.shared.checked_sub(amount))?;
    // The change of the shares from the lower to the higher total: positive parts.
    let (city, county) = fits(book.bearer().change(rest, totals.shared))?;
    totals.shared = rest;
    posting.debit(Account::CityFund, city);
    posting.debit(Account::CountyFund, county);
    Ok((city, county))
}

/// F.3: what has not been received need not be sent. Reduces a receivable as far as it is
/// still due and gives the rest.
fn forgive(
    book: &RoundBook,
    posting: &mut Posting,
    receivable: Account,
    part: Money,
) -> Result<Money, Refused> {
    let forgiven = part.min(book.balance(receivable));
    posting.credit(receivable, forgiven);
    fits(part.checked_sub(forgiven))
}

fn remit(
    book: &RoundBook,
    posting: &mut Posting,
    surplus: Account,
    amount: Money,
) -> Result<(), Refused> {
    // What bounds it more is told: so much may be sent.
    let (owed, held) = (book.owed(surplus)?, book.balance(Account::Deposit));
    match held < owed {
        true => within(Account::Deposit, held, amount)?,
        false => within(surplus, owed, amount)?,
    }
    posting.debit(surplus, amount);
    posting.credit(Account::Deposit, amount);
    Ok(())
}

/// Closes every expense account. The running closed total is split like the shared one, so that
/// the two funds keep within a fen of each other. What is at the bank is neither spent nor back, and
/// what is not recorded has no fund yet: neither is closed over.
fn close(book: &RoundBook, posting: &mut Posting, totals: &mut Totals) -> Result<(), Refused> {
    let underway = book.balance(Account::InTransit);
    if !underway.is_zero() {
        return Err(Refused::Underway(underway));
    }
    if !totals.unrecorded.is_zero() {
        return Err(Refused::Unrecorded(totals.unrecorded));
    }
    let accounts: Vec<Account> = expenses()
        .filter(|it| !book.balance(*it).is_zero())
        .collect();
    if accounts.is_empty() {
        return Err(Refused::NothingToClose);
    }
    let expense = book.net_expense()?;
    let closed = fits(totals.closed.checked_add(expense))?;
    let (city, county) = fits(book.bearer().change(totals.closed, closed))?;
    totals.closed = closed;
    posting.debit(Account::CityFund, city);
    posting.debit(Account::CountyFund, county);
    for account in accounts {
        posting.credit(account, book.balance(account));
    }
    Ok(())
}

/// What a year's close closes: 5001–5004 and 5101.
pub(super) fn expenses() -> impl Iterator<Item = Account> {
    let expenses = Programme::ALL.map(Account::Expense).into_iter();
    expenses.chain([Account::RecoveryContra])
}

/// Brings a memo account of county finance to `target`: its half of the total (F.5).
fn memo(
    book: &RoundBook,
    posting: &mut Posting,
    account: Account,
    target: Money,
) -> Result<(), Refused> {
    let change = fits(target.checked_sub(book.balance(account)))?;
    posting.debit(account, change);
    Ok(())
}
