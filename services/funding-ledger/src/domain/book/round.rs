//! The book of one county and round: balances and running totals.

use std::collections::BTreeMap;

use yuhui_kernel::Money;

use super::{
    account::Account, event::LedgerEvent, invariant, journal::Posting, refused::Refused,
    refused::fits, split::ResidualBearer, template,
};

/// Running totals of a round that no single balance shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Sum of sealed rosters less terminated and lapsed lines.
    pub committed: Money,
    /// Part of it on rosters that are not recorded yet: no shares are owed for it.
    pub unrecorded: Money,
    /// The running shared total *N* of the re-split (R-MON-2).
    pub shared: Money,
    /// Expense closed against the funds by YEAR_CLOSE so far.
    pub closed: Money,
    /// Received from the city.
    pub received_city: Money,
    /// Received from the county.
    pub received_county: Money,
    /// Put to 2101 and 2102 by terminations and lapses, remitted or not.
    pub surplus: Money,
    /// May be sent to the bank: unsent lines for which both shares have arrived (R-FUN-3).
    pub releasable: Money,
    /// Credited by the bank.
    pub credited: Money,
    /// Demanded back.
    pub demanded: Money,
}

/// The book of one county and round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundBook {
    bearer: ResidualBearer,
    /// Debit positive; accounts at nought are left out.
    balances: BTreeMap<Account, Money>,
    totals: Totals,
}

impl RoundBook {
    /// An empty book.
    #[must_use]
    pub fn new(bearer: ResidualBearer) -> Self {
        Self {
            bearer,
            ..Self::default()
        }
    }

    /// A book as it was stored.
    #[must_use]
    pub fn restore(
        bearer: ResidualBearer,
        totals: Totals,
        balances: impl IntoIterator<Item = (Account, Money)>,
    ) -> Self {
        let balances = balances.into_iter().filter(|(_, it)| !it.is_zero());
        Self {
            bearer,
            balances: balances.collect(),
            totals,
        }
    }

    /// Posts an event: entries, balances and totals change together and every invariant is
    /// checked; a refused event changes nothing.
    pub fn post(&mut self, event: &LedgerEvent) -> Result<Posting, Refused> {
        if event.amount().is_some_and(|it| it <= Money::ZERO) {
            return Err(Refused::NotPositive);
        }
        let mut next = self.clone();
        let posting = template::draft(self, event, &mut next.totals)?;
        next.apply(&posting)?;
        next.settle_releasable()?;
        invariant::check(&next, &posting).map_err(|it| Refused::Broken(it.to_string()))?;
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

    /// When nothing is due any more, everything recorded and unsent may go; while something is
    /// due, never more than is left unsent.
    fn settle_releasable(&mut self) -> Result<(), Refused> {
        let recorded = fits(self.unsent()?.checked_sub(self.totals.unrecorded))?;
        self.totals.releasable = if self.is_funded() {
            recorded
        } else {
            self.totals.releasable.min(recorded)
        };
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

    /// The running totals.
    #[must_use]
    pub const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// Who bears the odd fen of this round.
    #[must_use]
    pub const fn bearer(&self) -> ResidualBearer {
        self.bearer
    }

    /// What a liability account owes (its credit balance).
    pub(super) fn owed(&self, account: Account) -> Result<Money, Refused> {
        fits(Money::ZERO.checked_sub(self.balance(account)))
    }

    /// Payable lines that are not at the bank: 2001 less 1002.
    pub(super) fn unsent(&self) -> Result<Money, Refused> {
        let payable = self.owed(Account::Payable)?;
        fits(payable.checked_sub(self.balance(Account::InTransit)))
    }

    /// What the city still owes (1201).
    #[must_use]
    pub fn city_due(&self) -> Money {
        self.balance(Account::DueFromCity)
    }

    /// What the county still owes (1202).
    #[must_use]
    pub fn county_due(&self) -> Money {
        self.balance(Account::DueFromCounty)
    }

    /// Whether both shares of everything recorded have arrived in full. False before anything
    /// was received.
    #[must_use]
    pub fn is_funded(&self) -> bool {
        let Totals {
            received_city,
            received_county,
            ..
        } = self.totals;
        let received = !received_city.is_zero() || !received_county.is_zero();
        received && self.city_due().is_zero() && self.county_due().is_zero()
    }

    /// What was spent less what was demanded back, and is not closed yet (5001–5004 net of 5101).
    pub fn net_expense(&self) -> Result<Money, Refused> {
        fits(Money::total(
            template::expenses().map(|it| self.balance(it)),
        ))
    }

    /// Surplus to be sent back: to the city (2101), to the county (2102).
    pub fn surplus_due(&self) -> Result<(Money, Money), Refused> {
        Ok((
            self.owed(Account::DueToCity)?,
            self.owed(Account::DueToCounty)?,
        ))
    }
}
