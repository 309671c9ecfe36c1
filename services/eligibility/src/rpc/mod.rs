//! The contract: request → domain → reply. The only code that knows the protos.

pub(crate) mod cases;
pub(crate) mod clearance;
pub(crate) mod convert;
pub(crate) mod events;
pub(crate) mod facts;
pub(crate) mod inquiries;
pub(crate) mod notices;
pub(crate) mod reviews;
pub(crate) mod rosters;
pub(crate) mod sampling;
mod text;
