//! What persons of finance do, and what becomes of the other services' events: postings, audit record
//! and events in one transaction.

pub mod act;
mod answer;
pub mod approve;
pub mod confirm;
pub mod decline;
pub mod endorse;
mod found;
pub mod payments;
pub mod propose;
pub mod recognise;
pub mod recover;
mod remit;
pub mod reserve;
pub mod terminate;
mod year_close;
