//! Journals: balanced sets of entries with their place in the chain.

use time::Date;
use yuhui_kernel::Money;

use super::{
    account::Account,
    event::{LedgerEvent, Programme, Stage},
};

/// One line of a journal; exactly one of the two amounts is above zero. A line of a memo
/// account (9001–9003) stands alone: a decrease is a credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The account.
    pub account: Account,
    /// Debit (借).
    pub debit: Money,
    /// Credit (贷).
    pub credit: Money,
}

impl Entry {
    /// Debit positive, credit negative; `None` on overflow.
    #[must_use]
    pub fn signed(&self) -> Option<Money> {
        self.debit.checked_sub(self.credit)
    }
}

/// What one event writes into a book.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posting {
    /// The balanced entries, followed by the memo entry if there is one.
    pub entries: Vec<Entry>,
}

impl Posting {
    /// Debits `account`, credits it where `amount` is negative; nought leaves no entry.
    pub(super) fn debit(&mut self, account: Account, amount: Money) {
        self.write(account, amount.fen());
    }

    /// Credits `account`, debits it where `amount` is negative; nought leaves no entry.
    pub(super) fn credit(&mut self, account: Account, amount: Money) {
        self.write(account, amount.fen().saturating_neg());
    }

    fn write(&mut self, account: Account, signed_fen: i64) {
        let (debit, credit) = match signed_fen {
            0 => return,
            1.. => (signed_fen, 0),
            _ => (0, signed_fen.saturating_neg()),
        };
        self.entries.push(Entry {
            account,
            debit: Money::from_fen(debit),
            credit: Money::from_fen(credit),
        });
    }

    /// Whether debits equal credits, memo accounts aside.
    #[must_use]
    pub fn balances(&self) -> bool {
        is_balanced(&self.entries)
    }
}

/// Whether debits equal credits, memo accounts aside.
#[must_use]
pub fn is_balanced(entries: &[Entry]) -> bool {
    let booked = entries.iter().filter(|it| !it.account.is_memo());
    let signed = booked.map(|it| it.signed().unwrap_or(Money::from_fen(i64::MAX)));
    Money::total(signed) == Some(Money::ZERO)
}

/// A journal in its place in a book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// Book: a county code, or the city's.
    pub book: String,
    /// Place in the book, from 1.
    pub sequence: i64,
    /// County the journal is about; differs from the book in the city book only.
    pub county: String,
    /// Round.
    pub round: i32,
    /// Name of the event.
    pub event: String,
    /// Programme, where the event has one.
    pub programme: Option<Programme>,
    /// Amount of the event; nought for YEAR_CLOSE.
    pub amount: Money,
    /// Business date.
    pub posted_on: Date,
    /// What caused it: resource name of a roster, batch, case or proposal.
    pub source: String,
    /// Who caused it: account, or the service for events.
    pub actor: String,
    /// Id of the event or request that brought it; in the city book the sequence number of the
    /// county journal it mirrors.
    pub origin: String,
    /// The entries.
    pub entries: Vec<Entry>,
}

impl Journal {
    /// The event the journal was posted for; `None` if it is no event of a county book. A
    /// termination that touched the funds came after the recording of its roster.
    #[must_use]
    pub fn ledger_event(&self) -> Option<LedgerEvent> {
        let of_funds = |it: &Entry| matches!(it.account, Account::CityFund | Account::CountyFund);
        let stage = if self.entries.iter().any(of_funds) {
            Stage::Recorded
        } else {
            Stage::Sealed
        };
        LedgerEvent::from_name(&self.event, self.programme, self.amount, stage)
    }
}
