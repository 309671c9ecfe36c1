//! Rows to types and back. What was written by this service can be read by it; anything else
//! is a fault.

use yuhui_kernel::{Date, Money, dates};
use yuhui_platform::{Error, Result};

use super::entity::{balance, entry, journal, round};
use crate::domain::book::{Account, Entry, Journal, Programme, ResidualBearer, RoundBook, Totals};

/// `value`, which must be there.
pub fn known<T>(value: Option<T>, what: &str, stored: &str) -> Result<T> {
    value.ok_or_else(|| Error::fault(format!("stored {what} `{stored}` is unknown")))
}

/// A stored business date.
pub fn date(text: &str) -> Result<Date> {
    known(dates::parse(text).ok(), "date", text)
}

/// A stored programme.
pub fn programme(code: &str) -> Result<Programme> {
    known(Programme::from_code(code), "programme", code)
}

fn account(number: i32) -> Result<Account> {
    known(Account::from_number(number), "account", &number.to_string())
}

/// A journal with its entries.
pub fn journal(row: &journal::Model, entries: &[entry::Model]) -> Result<Journal> {
    let entries = entries.iter().map(|it| {
        Ok(Entry {
            account: account(it.account)?,
            debit: Money::from_fen(it.debit_fen),
            credit: Money::from_fen(it.credit_fen),
        })
    });
    Ok(Journal {
        book: row.tenant.clone(),
        sequence: row.sequence,
        county: row.county.clone(),
        round: row.round,
        event: row.event.clone(),
        programme: row.programme.as_deref().map(programme).transpose()?,
        amount: Money::from_fen(row.amount_fen),
        posted_on: date(&row.posted_on)?,
        source: row.source.clone(),
        actor: row.actor.clone(),
        origin: row.origin.clone(),
        entries: entries.collect::<Result<_>>()?,
    })
}

/// A balance.
pub fn balance(row: &balance::Model) -> Result<(Account, Money)> {
    Ok((account(row.account)?, Money::from_fen(row.balance_fen)))
}

/// The book of a round, from its totals and its balances.
pub fn round(row: &round::Model, balances: &[balance::Model]) -> Result<RoundBook> {
    let bearer = ResidualBearer::from_code(&row.residual_bearer);
    let bearer = known(bearer, "residual bearer", &row.residual_bearer)?;
    let balances = balances.iter().map(balance).collect::<Result<Vec<_>>>()?;
    Ok(RoundBook::restore(bearer, totals(row), balances))
}

fn totals(row: &round::Model) -> Totals {
    Totals {
        committed: Money::from_fen(row.committed_fen),
        unrecorded: Money::from_fen(row.unrecorded_fen),
        shared: Money::from_fen(row.shared_fen),
        closed: Money::from_fen(row.closed_fen),
        received_city: Money::from_fen(row.received_city_fen),
        received_county: Money::from_fen(row.received_county_fen),
        surplus: Money::from_fen(row.surplus_fen),
        releasable: Money::from_fen(row.releasable_fen),
        credited: Money::from_fen(row.credited_fen),
        demanded: Money::from_fen(row.demanded_fen),
    }
}

/// The totals of a round, to be stored.
pub fn round_row(tenant: &str, round: i32, book: &RoundBook) -> round::Model {
    let totals = book.totals();
    round::Model {
        tenant: tenant.to_owned(),
        round,
        residual_bearer: book.bearer().code().to_owned(),
        committed_fen: totals.committed.fen(),
        unrecorded_fen: totals.unrecorded.fen(),
        shared_fen: totals.shared.fen(),
        closed_fen: totals.closed.fen(),
        received_city_fen: totals.received_city.fen(),
        received_county_fen: totals.received_county.fen(),
        surplus_fen: totals.surplus.fen(),
        releasable_fen: totals.releasable.fen(),
        credited_fen: totals.credited.fen(),
        demanded_fen: totals.demanded.fen(),
    }
}
