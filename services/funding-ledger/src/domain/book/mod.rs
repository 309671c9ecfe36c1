//! The book of a county and the book of the city, as arithmetic: accounts, events, journals,
//! balances, invariants and the hash chain (126号 五, part F of the analysis). Pure: no clock,
//! no storage, no transport.
//!
//! A county book is kept per round; [`RoundBook::post`] turns one [`LedgerEvent`] into one
//! balanced posting, or refuses it and changes nothing. The city book is a projection of the
//! county journals that touch the city ([`city::mirror`]). [`play`] runs a list of events and
//! gives the balances, which is how worked cases are checked.

pub mod account;
pub mod chain;
pub mod city;
pub mod event;
pub mod invariant;
pub mod journal;
pub mod play;
pub mod refused;
pub mod round;
pub mod split;
mod template;
pub mod verify;

pub use account::{Account, Side};
pub use city::{CityBook, CityEvent};
pub use event::{LedgerEvent, Programme, Stage};
pub use journal::{Entry, Journal, Posting};
pub use play::{NamedEvent, play, play_named};
pub use refused::Refused;
pub use round::{RoundBook, Totals};
pub use split::ResidualBearer;

#[cfg(test)]
mod tests;
