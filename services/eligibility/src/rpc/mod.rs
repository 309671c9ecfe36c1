//! The contract: request → domain → reply. The only code that knows the protos.

pub(crate) mod cases;
pub(crate) mod clearance;
pub(crate) mod convert;
pub(crate) mod deadlines;
pub(crate) mod events;
pub(crate) mod evidence;
pub(crate) mod facts;
pub(crate) mod forecast;
mod gaps;
pub(crate) mod inquiries;
mod names;
pub(crate) mod notices;
pub(crate) mod payouts;
pub(crate) mod policy_packs;
pub(crate) mod pre_check;
pub(crate) mod recoveries;
pub(crate) mod red_flags;
pub(crate) mod reviews;
pub(crate) mod rosters;
pub(crate) mod sampling;
mod text;
