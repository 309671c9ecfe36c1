//! Events: what this service tells the others (outgoing), and what it is told (incoming).

pub(crate) mod incoming;
pub(crate) mod outgoing;
