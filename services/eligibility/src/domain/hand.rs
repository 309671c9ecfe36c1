//! Hands (经手人), with the unit acted for: who did a thing. Accounts differ, and persons differ, where the
//! rules of separation ask for different hands (DYN-1, DYN-2, DYN-5).

use serde::{Deserialize, Serialize};
use yuhui_kernel::{DivisionCode, DivisionLevel, hand};

/// Somebody who acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hand {
    /// Account.
    pub account: String,
    /// Blind reference of the person behind it, where known.
    pub person: Option<String>,
    /// Unit acted for.
    pub unit: Option<DivisionCode>,
}

impl Hand {
    /// Whether both are the same account or two accounts of one person.
    pub fn is(&self, other: &Self) -> bool {
        hand::is_one(
            (&self.account, &self.person),
            (&other.account, &other.person),
        )
    }

    /// Level acted at.
    pub fn level(&self) -> Option<DivisionLevel> {
        self.unit.map(DivisionCode::level)
    }
}
