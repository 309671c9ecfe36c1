//! What came of a slice.

use yuhui_platform::operations::{Item, Outcome};

use crate::domain::deadline::Flag;

/// What a run found, and did.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// New flags.
    pub(crate) flags: Vec<Flag>,
    /// Missed duties that turned out to be done.
    pub(crate) settled: usize,
    /// Names of the cases whose hold lapsed.
    pub(crate) lapsed: Vec<String>,
    /// Names of the cases that went to a panel.
    pub(crate) referred: Vec<String>,
}

impl Found {
    /// The cases that were moved. Flags are seen by whom they are for, in a list of their own.
    pub(super) fn items(self) -> Vec<Item> {
        let lapsed = self.lapsed.into_iter().map(|it| (it, "HOLD_OVER"));
        let referred = self.referred.into_iter().map(|it| (it, "REFERRED"));
        lapsed
            .chain(referred)
            .map(|(name, reason)| Item {
                name,
                outcome: Outcome::Changed,
                reason: reason.into(),
            })
            .collect()
    }

    /// Adds what came of another slice.
    pub(crate) fn extend(&mut self, next: Self) {
        self.flags.extend(next.flags);
        self.settled += next.settled;
        self.lapsed.extend(next.lapsed);
        self.referred.extend(next.referred);
    }
}
