//! Where a run stands.

use serde::{Deserialize, Serialize};

/// What a run looks at next, after a key: the cases, then the rosters, the notices and the reports of a county,
/// and last what was missed and may be done by now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Place {
    /// Cases, by id.
    Cases(String),
    /// Rosters, by id.
    Rosters(String),
    /// Notices, by id.
    Notices(String),
    /// Reports that are not answered, by id.
    Reports(String),
    /// Duties that were missed and are not settled, by episode.
    Missed(String),
}

impl Default for Place {
    fn default() -> Self {
        Self::Cases(String::new())
    }
}

impl Place {
    /// Where it goes on after a page: behind it, or with the next kind; none at the end.
    pub(super) fn next(&self, more_after: Option<String>) -> Option<Self> {
        let from_start = String::new();
        Some(match (self, more_after) {
            (Self::Cases(_), Some(last)) => Self::Cases(last),
            (Self::Cases(_), None) => Self::Rosters(from_start),
            (Self::Rosters(_), Some(last)) => Self::Rosters(last),
            (Self::Rosters(_), None) => Self::Notices(from_start),
            (Self::Notices(_), Some(last)) => Self::Notices(last),
            (Self::Notices(_), None) => Self::Reports(from_start),
            (Self::Reports(_), Some(last)) => Self::Reports(last),
            (Self::Reports(_), None) => Self::Missed(from_start),
            (Self::Missed(_), Some(last)) => Self::Missed(last),
            (Self::Missed(_), None) => return None,
        })
    }
}
