//! The digest of a sealed roster's lines: which cases, how much each.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::Money;

/// A chain of hashes over lines in their order, so that it can be put down after any of them and
/// taken up again: who receives a roster in slices compares it with who sealed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinesDigest(String);

impl LinesDigest {
    /// Before the first line of `roster`, a resource name.
    #[must_use]
    pub fn of(roster: &str) -> Self {
        Self(hex::encode(Sha256::digest(roster)))
    }

    /// As it was put down, 64 hex digits.
    #[must_use]
    pub fn resumed(hex: String) -> Self {
        Self(hex)
    }

    /// Takes in the next line: a case, by resource name, and its amount.
    pub fn add(&mut self, case: &str, amount: Money) {
        let line = format!("{}|{case}|{}", self.0, amount.fen());
        self.0 = hex::encode(Sha256::digest(line));
    }

    /// The digest so far, 64 hex digits.
    #[must_use]
    pub fn hex(&self) -> &str {
        &self.0
    }
}

/// How much of a sealed roster has arrived, as far as can be told from its lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    lines: i64,
    total: Money,
    digest: String,
    /// Where its next slice begins, in the words of who sends it.
    pub next: String,
}

impl Arrival {
    /// Nothing of `roster`, a resource name, yet.
    #[must_use]
    pub fn of(roster: &str) -> Self {
        Self {
            lines: 0,
            total: Money::ZERO,
            digest: LinesDigest::of(roster).0,
            next: String::new(),
        }
    }

    /// A line has arrived; `None` if the total cannot be counted any more.
    #[must_use]
    pub fn with(mut self, case: &str, amount: Money) -> Option<Self> {
        let mut digest = LinesDigest::resumed(self.digest);
        digest.add(case, amount);
        self.digest = digest.0;
        self.lines += 1;
        self.total = self.total.checked_add(amount)?;
        Some(self)
    }

    /// Whether these are the lines that were sealed: how many, of what total and digest.
    #[must_use]
    pub fn is(&self, lines: i64, total: Money, digest: &str) -> bool {
        (self.lines, self.total, self.digest.as_str()) == (lines, total, digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(lines: &[(&str, i64)]) -> LinesDigest {
        let mut digest = LinesDigest::of("counties/150203/rosters/1");
        for (case, fen) in lines {
            digest.add(case, Money::from_fen(*fen));
        }
        digest
    }

    #[test]
    fn order_cases_and_amounts_count_and_a_pause_does_not() {
        let whole = digest(&[("a", 1), ("b", 2)]);
        let mut resumed = LinesDigest::resumed(digest(&[("a", 1)]).hex().to_owned());
        resumed.add("b", Money::from_fen(2));
        assert_eq!(resumed, whole);
        let arrived = Arrival::of("counties/150203/rosters/1");
        let arrived = arrived.with("a", Money::from_fen(1));
        let arrived = arrived.and_then(|it| it.with("b", Money::from_fen(2)));
        let arrived = arrived.expect("counted");
        assert!(arrived.is(2, Money::from_fen(3), whole.hex()));
        assert!(!arrived.is(2, Money::from_fen(4), whole.hex()));
        for other in [
            digest(&[("b", 2), ("a", 1)]),
            digest(&[("a", 1), ("b", 3)]),
            digest(&[("a", 1)]),
        ] {
            assert_ne!(other, whole);
        }
    }
}
