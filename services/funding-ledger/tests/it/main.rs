//! The ledger over the wire, on every store.

mod books;
mod deputies;
mod events;
mod flow;
mod harness;
mod offered;
mod proposals;
mod refusals;
mod reservations;
mod stand_in;
mod stores;
mod years;
