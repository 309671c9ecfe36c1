//! Hands (经手人): who did a thing. Accounts differ, and persons differ, where the rules of
//! separation ask for different hands (DYN-1, DYN-4).

use serde::{Deserialize, Serialize};

/// Somebody who acted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hand {
    /// Account.
    pub account: String,
    /// Blind reference of the person behind it, where known; of both, with a space between them, where one
    /// acts for another (DYN-7).
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

/// Whether two accounts, each with the persons behind it where they are known, are one hand: a deputy's
/// is also that of whom he acts for, today and whenever it is compared later.
#[must_use]
pub fn is_one(one: (&str, &Option<String>), other: (&str, &Option<String>)) -> bool {
    one.0 == other.0 || persons(one.1).any(|it| persons(other.1).any(|known| known == it))
}

/// The persons behind a hand.
pub fn persons(of: &Option<String>) -> impl Iterator<Item = &str> {
    of.iter().flat_map(|it| it.split_whitespace())
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

    #[test]
    fn a_deputys_hand_is_his_own_and_that_of_whom_he_acts_for() {
        let deputy = hand("d", Some("pd pp"));
        assert!(deputy.is(&hand("p", Some("pp"))));
        assert!(hand("p2", Some("pp")).is(&deputy));
        assert!(hand("d2", Some("pd")).is(&deputy));
        assert!(deputy.is(&hand("e", Some("pe pd"))));
        assert!(!deputy.is(&hand("q", Some("p"))));
    }
}
