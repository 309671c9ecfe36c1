//! The city book: 1901, 2901, 5901, one line per county and round.
//!
//! But for the city's own budget (9001, under the city's own code) it is a projection of the county
//! journals: whatever moves a county's 1201 moves 2901 by the
//! same amount, so that 2901 = Σ 1201. 1901 starts at nought and so stands in credit by what
//! the treasury has paid out for the scheme.

use std::collections::BTreeMap;

use yuhui_kernel::Money;

use super::{
    account::Account,
    event::LedgerEvent,
    journal::{Entry, Posting},
    refused::{Refused, fits},
};

/// An event of the city book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CityEvent {
    /// The city owes its share: `Dr 5901 Cr 2901` at recording.
    ShareOwed(Money),
    /// A line was terminated before allocation: less is owed.
    ShareReduced(Money),
    /// The share, or a part of it, was allocated: `Dr 2901 Cr 1901`.
    ShareAllocated(Money),
    /// Surplus came back: `Dr 1901 Cr 5901`.
    SurplusReturned(Money),
    /// Memo 9001: city finance approved its own budget (F.5).
    BudgetApproved(Money),
    /// Memo 9001: city finance added to it (追加预算).
    BudgetSupplemented(Money),
}

impl CityEvent {
    /// Name in the journal.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ShareOwed(_) => "CITY_SHARE_OWED",
            Self::ShareReduced(_) => "CITY_SHARE_REDUCED",
            Self::ShareAllocated(_) => "CITY_SHARE_ALLOCATED",
            Self::SurplusReturned(_) => "CITY_SURPLUS_RETURNED",
            Self::BudgetApproved(_) => "CITY_BUDGET_APPROVED",
            Self::BudgetSupplemented(_) => "CITY_BUDGET_SUPPLEMENTED",
        }
    }

    /// Reads an event by name.
    #[must_use]
    pub fn from_name(name: &str, amount: Money) -> Option<Self> {
        [
            Self::ShareOwed(amount),
            Self::ShareReduced(amount),
            Self::ShareAllocated(amount),
            Self::SurplusReturned(amount),
            Self::BudgetApproved(amount),
            Self::BudgetSupplemented(amount),
        ]
        .into_iter()
        .find(|it| it.name() == name)
    }

    /// Amount.
    #[must_use]
    pub const fn amount(self) -> Money {
        match self {
            Self::ShareOwed(amount)
            | Self::ShareReduced(amount)
            | Self::ShareAllocated(amount)
            | Self::SurplusReturned(amount)
            | Self::BudgetApproved(amount)
            | Self::BudgetSupplemented(amount) => amount,
        }
    }
}

/// What a county journal means to the city; `None` if it does not touch the city. One county
/// event touches the city at most once.
#[must_use]
pub fn mirror(event: &LedgerEvent, entries: &[Entry]) -> Option<CityEvent> {
    if let LedgerEvent::RemitCity { amount } = event {
        return Some(CityEvent::SurplusReturned(*amount));
    }
    let entry = entries
        .iter()
        .find(|it| it.account == Account::DueFromCity)?;
    Some(match event {
        LedgerEvent::ReceiveCity { .. } => CityEvent::ShareAllocated(entry.credit),
        _ if entry.credit.is_zero() => CityEvent::ShareOwed(entry.debit),
        _ => CityEvent::ShareReduced(entry.credit),
    })
}

/// The city's line for one county and round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CityBook {
    balances: BTreeMap<Account, Money>,
}

impl CityBook {
    /// A line as it was stored.
    #[must_use]
    pub fn restore(balances: impl IntoIterator<Item = (Account, Money)>) -> Self {
        let balances = balances.into_iter().filter(|(_, it)| !it.is_zero());
        Self {
            balances: balances.collect(),
        }
    }

    /// Posts an event, or refuses it and changes nothing.
    pub fn post(&mut self, event: CityEvent) -> Result<Posting, Refused> {
        let amount = event.amount();
        if amount <= Money::ZERO {
            return Err(Refused::NotPositive);
        }
        let mut posting = Posting::default();
        let mut transfer = |debit, credit| {
            posting.debit(debit, amount);
            posting.credit(credit, amount);
        };
        match event {
            CityEvent::ShareOwed(_) => transfer(Account::CityExpense, Account::CityPayable),
            CityEvent::ShareReduced(_) => transfer(Account::CityPayable, Account::CityExpense),
            CityEvent::ShareAllocated(_) => transfer(Account::CityPayable, Account::CityTreasury),
            CityEvent::SurplusReturned(_) => transfer(Account::CityTreasury, Account::CityExpense),
            CityEvent::BudgetApproved(_) => posting.debit(Account::BudgetApproved, amount),
            CityEvent::BudgetSupplemented(_) => {
                if self.balance(Account::BudgetApproved).is_zero() {
                    return Err(Refused::NoBudget);
                }
                posting.debit(Account::BudgetApproved, amount);
            }
        }
        let mut next = self.clone();
        next.apply(&posting)?;
        if next.balance(Account::CityPayable) > Money::ZERO {
            return Err(Refused::Exceeds {
                account: Account::CityPayable,
                available: fits(Money::ZERO.checked_sub(self.balance(Account::CityPayable)))?,
                asked: amount,
            });
        }
        *self = next;
        Ok(posting)
    }

    fn apply(&mut self, posting: &Posting) -> Result<(), Refused> {
        for entry in &posting.entries {
            let signed = fits(entry.signed())?;
            let balance = fits(self.balance(entry.account).checked_add(signed))?;
            if balance.is_zero() {
                self.balances.remove(&entry.account);
            } else {
                self.balances.insert(entry.account, balance);
            }
        }
        Ok(())
    }

    /// Balance: debit positive, credit negative.
    #[must_use]
    pub fn balance(&self, account: Account) -> Money {
        self.balances.get(&account).copied().unwrap_or_default()
    }

    /// Balances that are not nought, by account number.
    pub fn balances(&self) -> impl Iterator<Item = (Account, Money)> {
        self.balances.iter().map(|(account, it)| (*account, *it))
    }
}
