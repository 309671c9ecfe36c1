//! Cases, notices and rosters as plain values: no storage, no transport, no clock.

pub mod case;
pub mod life;
pub mod notice;
pub mod roster;
pub mod state;

pub use case::{Case, Proposal, ProposalKind};
pub use life::{NotAllowed, Step};
pub use state::State;

time::serde::format_description!(iso_date, Date, "[year]-[month]-[day]");
