//! How a part does what it does without being asked.

use yuhui_platform::{inbox, operations, outbox, retention::Retention};

/// How fast a part goes on with what it was not asked for, and how long it keeps what it has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Most items of a slice of an operation.
    pub slice: u64,
    /// How events are carried.
    pub outbox: outbox::Pace,
    /// How often events that were kept are tried again.
    pub inbox: inbox::Pace,
    /// What is kept how long.
    pub retention: Retention,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            slice: operations::SLICE,
            outbox: outbox::Pace::default(),
            inbox: inbox::Pace::default(),
            retention: Retention::default(),
        }
    }
}
