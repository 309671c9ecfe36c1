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
    /// An event that is not in F.3, or lacks its programme.
    #[error("event {index}: no such event")]
    Unknown {
        /// Place in the list, from 0.
        index: usize,
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
/// are recognised, its terminations are of recorded lines.
pub fn play_named(
    bearer: ResidualBearer,
    events: &[NamedEvent],
) -> Result<BTreeMap<String, i64>, PlayError> {
    let mut stage = Stage::Sealed;
    let mut read = Vec::with_capacity(events.len());
    for (index, event) in events.iter().enumerate() {
        let programme = event.programme.as_deref().and_then(Programme::from_code);
        let amount = Money::from_fen(event.amount_fen);
        let event = LedgerEvent::from_name(&event.kind, programme, amount, stage)
            .ok_or(PlayError::Unknown { index })?;
        if matches!(event, LedgerEvent::RecogniseShares { .. }) {
            stage = Stage::Recorded;
        }
        read.push(event);
    }
    let balances = play(bearer, &read)?.into_iter();
    Ok(balances
        .map(|(account, balance)| (account.to_string(), balance.fen()))
        .collect())
}
