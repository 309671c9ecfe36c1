//! Calls to other services: the registers, the register of institutions, the ledger; and to the store of documents.

pub(crate) mod content;
pub(crate) mod counts;
pub(crate) mod facts;
mod gaps;
pub(crate) mod inspections;
mod names;
mod relatives;

use std::time::Duration;

/// How long a register is waited for: an act asks two of them, and more than its caller waits it may not.
const PATIENCE: Duration = Duration::from_secs(3);
