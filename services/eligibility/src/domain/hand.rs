//! Hands: who did a thing. Accounts differ, and persons differ, where the
//! rules of separation ask for different hands (DYN-1, DYN-2, DYN-5).

use serde::{Deserialize, Serialize};
use yuhui_kernel::{DivisionCode, DivisionLevel};

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
        let same_person = self.person.is_some() && self.person == other.person;
        self.account == other.account || same_person
    }

    /// Level acted at.
    pub fn level(&self) -> Option<DivisionLevel> {
        self.unit.map(DivisionCode::level)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hand(account: &str, person: Option<&str>) -> Hand {
        Hand {
            account: account.into(),
            person: person.map(Into::into),
            unit: None,
        }
    }

    #[test]
    fn two_accounts_of_one_person_are_one_hand() {
        assert!(hand("a", Some("p")).is(&hand("b", Some("p"))));
        assert!(hand("a", None).is(&hand("a", Some("p"))));
        assert!(!hand("a", Some("p")).is(&hand("b", Some("q"))));
        assert!(!hand("a", None).is(&hand("b", None)));
    }
}
