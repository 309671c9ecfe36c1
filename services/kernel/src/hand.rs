//! Hands (经手人): who did a thing. Accounts differ, and persons differ, where the rules of
//! separation ask for different hands (DYN-1, DYN-4).

use serde::{Deserialize, Serialize};

/// Somebody who acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hand {
    /// Account.
    pub account: String,
    /// Blind reference of the person behind it, where known.
    pub person: Option<String>,
}

impl Hand {
    /// Whether both are the same account or two accounts of one person.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        is_one(
            (&self.account, &self.person),
            (&other.account, &other.person),
        )
    }
}

/// Whether two accounts, each with the person behind it where that is known, are one hand.
#[must_use]
pub fn is_one(one: (&str, &Option<String>), other: (&str, &Option<String>)) -> bool {
    let is_one_person = one.1.is_some() && one.1 == other.1;
    one.0 == other.0 || is_one_person
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hand(account: &str, person: Option<&str>) -> Hand {
        Hand {
            account: account.into(),
            person: person.map(Into::into),
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
