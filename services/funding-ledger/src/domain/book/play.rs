//! Runs a list of events through an empty round: how worked cases are checked.

use std::collections::BTreeMap;

use serde::Deserialize;
use yuhui_kernel::Money;

use super::{
    account::Account,
    event::{LedgerEvent, Programme, Stage},
    refused::Refused,
    round::RoundBook,
    split::ResidualBearer,
};

/// An event of a worked case, by name.
#[derive(Clone, Debug, Deserialize)]
pub struct NamedEvent {
    /// Name of F.3.
    #[serde(rename = "type")]
    pub kind: String,
    /// `P1` … `P4`, where the event has a programme.
    #[serde(default)]
    pub programme: Option<String>,
    /// Amount in fen; nought for YEAR_CLOSE.
    #[serde(default)]
    pub amount_fen: i64,
}

/// Why a case cannot be played to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlayError {
    /// An event that is not in F.3.
    #[error("event {index}: `{kind}` is no event of the book")]
    Unknown {
        /// Place in the list, from 0.
        index: usize,
        /// What it was called.
        kind: String,
    },
    /// An event of one programme that does not say of which.
    #[error("event {index}: {kind} names no programme")]
    NoProgramme {
        /// Place in the list, from 0.
        index: usize,
        /// Its name.
        kind: String,
    },
    /// The book refused an event.
    #[error("event {index}: {refused}")]
    Refused {
        /// Place in the list, from 0.
        index: usize,
        /// Why.
        refused: Refused,
    },
}

/// Posts `events` in order to an empty round and gives the balances that are not nought (debit
/// positive, credit negative), memo accounts left out.
pub fn play(
    bearer: ResidualBearer,
    events: &[LedgerEvent],
) -> Result<BTreeMap<Account, Money>, PlayError> {
    let mut book = RoundBook::new(bearer);
    for (index, event) in events.iter().enumerate() {
        let posted = book.post(event);
        posted.map_err(|refused| PlayError::Refused { index, refused })?;
    }
    let booked = book.balances().filter(|(account, _)| !account.is_memo());
    Ok(booked.collect())
}

/// As [`play`], from names to account numbers and fen. A case has one roster: once the shares
/// are recognised, its terminations are of recorded lines. Whether a treasury then sends less
/// (F.3), its receipts say: if they come to more than is left due, it sent its share in full. One
/// that has sent nothing yet is asked for less.
pub fn play_named(
    bearer: ResidualBearer,
    events: &[NamedEvent],
) -> Result<BTreeMap<String, i64>, PlayError> {
    let (mut city, mut county) = (false, false);
    let balances = loop {
        let played = play(bearer, &read(events, Stage::Allocated { city, county })?);
        match above(&played) {
            Some(Account::DueFromCity) if !city => city = true,
            Some(Account::DueFromCounty) if !county => county = true,
            _ => break played?,
        }
    };
    Ok(balances
        .into_iter()
        .map(|(account, balance)| (account.to_string(), balance.fen()))
        .collect())
}

/// The account that did not have what was asked of it.
fn above(played: &Result<BTreeMap<Account, Money>, PlayError>) -> Option<Account> {
    match played {
        Err(PlayError::Refused {
            refused: Refused::Exceeds { account, .. },
            ..
        }) => Some(*account),
        _ => None,
    }
}

/// Events by name; those terminated after the shares are recognised are at `recognised`.
fn read(events: &[NamedEvent], recognised: Stage) -> Result<Vec<LedgerEvent>, PlayError> {
    let mut stage = Stage::Sealed;
    let mut read = Vec::with_capacity(events.len());
    for (index, event) in events.iter().enumerate() {
        let programme = event.programme.as_deref().and_then(Programme::from_code);
        let amount = Money::from_fen(event.amount_fen);
        let named = |programme| LedgerEvent::from_name(&event.kind, programme, amount, stage);
        let event = named(programme).ok_or_else(|| {
            let kind = event.kind.clone();
            // With some programme it would be an event of the book.
            if named(Some(Programme::P1)).is_some() {
                PlayError::NoProgramme { index, kind }
            } else {
                PlayError::Unknown { index, kind }
            }
        })?;
        if matches!(event, LedgerEvent::RecogniseShares { .. }) {
            stage = recognised;
        }
        read.push(event);
    }
    Ok(read)
}
