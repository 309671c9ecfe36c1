//! Cases, notices and rosters as plain values: no storage, no transport, no clock.

#[macro_use]
mod named;

pub mod case;
pub mod comparison;
pub mod deadline;
pub mod decision;
pub mod documents;
pub mod freshness;
mod hand;
pub mod inquiry;
pub mod life;
pub mod notice;
pub mod place;
pub mod policy_version;
pub mod private;
pub mod public_code;
pub mod public_stage;
pub mod report;
pub mod review_letter;
pub mod review_request;
pub mod roster;
pub mod sampling;
pub mod state;
pub mod summary;
pub mod supervision;
pub mod suppression;
pub mod turn;
pub mod waiting;

pub use case::Case;
pub use decision::{Outcome, PanelSignature, Proposal, ProposalKind};
pub use hand::Hand;
pub use life::{Kind, NotAllowed, Step};
pub use state::State;

time::serde::format_description!(iso_date, Date, "[year]-[month]-[day]");
