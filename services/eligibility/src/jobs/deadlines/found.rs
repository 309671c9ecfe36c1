//! What came of a slice.

use std::collections::BTreeSet;

use yuhui_platform::operations::{Item, Outcome};

use super::settle::Done;
use crate::domain::deadline::Flag;

/// What a run found, and did.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// New flags.
    pub(crate) flags: Vec<Flag>,
    /// Missed duties that turned out to be done.
    pub(crate) settled: Vec<Done>,
    /// Names of the cases whose hold lapsed.
    pub(crate) lapsed: Vec<String>,
    /// Names of the cases that went to a panel.
    pub(crate) referred: Vec<String>,
}

impl Found {
    pub(super) fn items(self) -> Vec<Item> {
        let lapsed = self.lapsed.into_iter().map(|it| (it, "HOLD_OVER".into()));
        let referred = self.referred.into_iter().map(|it| (it, "REFERRED".into()));
        // A late run finds several steps of one duty at once.
        let flags = self.flags.into_iter().map(|it| (it.subject, it.duty));
        let flags: BTreeSet<_> = flags.collect();
        let flags = flags
            .into_iter()
            .map(|(subject, duty)| (subject, format!("FLAGGED_{}", duty.as_str())));
        let settled = self.settled.into_iter();
        let settled = settled.map(|it| (it.subject, format!("SETTLED_{}", it.duty.as_str())));
        let all = lapsed.chain(referred).chain(flags).chain(settled);
        all.map(|(name, reason)| Item {
            name,
            outcome: Outcome::Changed,
            reason,
        })
        .collect()
    }

    /// Adds what came of another slice.
    pub(crate) fn extend(&mut self, next: Self) {
        self.flags.extend(next.flags);
        self.settled.extend(next.settled);
        self.lapsed.extend(next.lapsed);
        self.referred.extend(next.referred);
    }
}
