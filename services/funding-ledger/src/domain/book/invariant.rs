//! What holds after every posting (F.3).

use yuhui_kernel::Money;

use super::{
    account::Account,
    journal::Posting,
    round::{RoundBook, Totals},
};

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Debits and credits of a journal differ.
    #[error("the journal does not balance")]
    Journal,
    /// Debits and credits of the book differ.
    #[error("the book does not balance")]
    Book,
    /// An account stands on the wrong side.
    #[error("account {0} stands on the wrong side")]
    Side(Account),
    /// 1001 + 1002 + 1201 + 1202 + not yet recorded ≠ 2001 + 2002 + 2101 + 2102.
    #[error("money and claims do not equal what is owed")]
    Coverage,
    /// 3001 and 3002 are not the shares of the running totals.
    #[error("the funds are not the shares of the running total")]
    Funds,
    /// In transit, unrecorded or releasable exceed the payable.
    #[error("more is in transit, unrecorded or releasable than is payable")]
    Payable,
    /// 9002 or 9003 is not the county's half.
    #[error("a budget memo is not the county's half")]
    Memo,
    /// A sum does not fit.
    #[error("a sum does not fit")]
    Overflow,
}

/// Checks a posting and the book after it.
pub fn check(book: &RoundBook, posting: &Posting) -> Result<(), Broken> {
    if !posting.balances() {
        return Err(Broken::Journal);
    }
    check_book(book)
}

/// Checks a book as it stands.
pub fn check_book(book: &RoundBook) -> Result<(), Broken> {
    let booked = book.balances().filter(|(account, _)| !account.is_memo());
    if Money::total(booked.map(|(_, balance)| balance)) != Some(Money::ZERO) {
        return Err(Broken::Book);
    }
    check_sides(book)?;
    check_coverage(book)?;
    check_funds(book)?;
    check_payable(book)?;
    let (_, committed) = book.bearer().split(book.totals().committed);
    let (_, paid) = book.bearer().split(book.totals().credited);
    if book.balance(Account::BudgetCommitted) != committed
        || book.balance(Account::BudgetPaid) != paid
    {
        return Err(Broken::Memo);
    }
    Ok(())
}

/// 1001 ≥ 0, and neither receivables nor liabilities turn over. Expense, its contra and the
/// funds may: a lapse after the year's close makes an expense negative until the next.
fn check_sides(book: &RoundBook) -> Result<(), Broken> {
    use Account::{
        Deposit, DueFromCity, DueFromCounty, DueToCity, DueToCounty, InTransit, Payable,
        RecoveryReceivable, ReturnedPending,
    };
    let assets = [
        Deposit,
        InTransit,
        DueFromCity,
        DueFromCounty,
        RecoveryReceivable,
    ];
    let liabilities = [Payable, ReturnedPending, DueToCity, DueToCounty];
    let wrong_asset = assets
        .into_iter()
        .find(|it| book.balance(*it) < Money::ZERO);
    let wrong = wrong_asset.or_else(|| {
        let mut liabilities = liabilities.into_iter();
        liabilities.find(|it| book.balance(*it) > Money::ZERO)
    });
    wrong.map_or(Ok(()), |account| Err(Broken::Side(account)))
}

/// Money held or due, with what is not yet owed by anybody, covers exactly what is owed.
fn check_coverage(book: &RoundBook) -> Result<(), Broken> {
    use Account::{
        Deposit, DueFromCity, DueFromCounty, DueToCity, DueToCounty, InTransit, Payable,
        ReturnedPending,
    };
    let accounts = [
        Deposit,
        InTransit,
        DueFromCity,
        DueFromCounty,
        Payable,
        ReturnedPending,
        DueToCity,
        DueToCounty,
    ];
    // Credit balances are negative, so the two sides cancel.
    let balances = accounts.map(|it| book.balance(it));
    let sum = Money::total(balances.into_iter().chain([book.totals().unrecorded]));
    if sum == Some(Money::ZERO) {
        Ok(())
    } else {
        Err(Broken::Coverage)
    }
}

/// The funds stand at the shares of the running total less the shares of what was closed, so
/// that they differ by a fen at most.
fn check_funds(book: &RoundBook) -> Result<(), Broken> {
    let Totals { shared, closed, .. } = *book.totals();
    // Credit balances: what was closed less what was shared.
    let (city, county) = book
        .bearer()
        .change(shared, closed)
        .ok_or(Broken::Overflow)?;
    let (city_fund, county_fund) = (
        book.balance(Account::CityFund),
        book.balance(Account::CountyFund),
    );
    let gap = city_fund.checked_sub(county_fund).ok_or(Broken::Overflow)?;
    if (city_fund, county_fund) != (city, county) || gap.fen().abs() > 1 {
        return Err(Broken::Funds);
    }
    Ok(())
}

fn check_payable(book: &RoundBook) -> Result<(), Broken> {
    let unsent = book.unsent().map_err(|_| Broken::Overflow)?;
    let Totals {
        unrecorded,
        releasable,
        ..
    } = *book.totals();
    let recorded = unsent.checked_sub(unrecorded).ok_or(Broken::Overflow)?;
    let whole = unrecorded >= Money::ZERO
        && recorded >= Money::ZERO
        && (Money::ZERO..=recorded).contains(&releasable);
    if whole { Ok(()) } else { Err(Broken::Payable) }
}
