//! A batch for the bank: its lines, its sum and the hash that both sides compute.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use yuhui_kernel::Money;

/// A line as the bank receives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchLine {
    /// Idempotency key.
    pub payment_key: String,
    /// Amount.
    pub amount: Money,
    /// Name on the account.
    pub payee_name: String,
    /// Account number in full.
    pub account_number: String,
    /// Bank where it is kept.
    pub bank_name: String,
    /// Corporate account (对公账户).
    pub corporate: bool,
}

/// What a batch amounts to, and what the bank must have received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// Lines.
    pub line_count: i32,
    /// Sum of the lines.
    pub total: Money,
    /// Hash over the lines, hex; see [`Sealing`].
    pub hash: String,
}

/// In what an acknowledgement differs from the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Number of lines.
    LineCount,
    /// Sum.
    Total,
    /// Hash.
    Hash,
}

/// A batch as it grows line by line; it can be put down after any of them and taken up again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealing {
    line_count: i32,
    total: Money,
    hash: String,
}

impl Sealing {
    /// A batch of that resource name, before its first line.
    #[must_use]
    pub fn of(batch: &str) -> Self {
        Self {
            line_count: 0,
            total: Money::ZERO,
            hash: hex::encode(Sha256::digest(batch)),
        }
    }

    /// With the next line; `None` if number or sum do not fit any more. The contract says what is hashed.
    #[must_use]
    pub fn with(self, line: &BatchLine) -> Option<Self> {
        let written = format!(
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\n",
            self.hash,
            line.payment_key,
            line.amount.fen(),
            line.payee_name,
            line.account_number,
            line.bank_name,
            u8::from(line.corporate),
        );
        Some(Self {
            line_count: self.line_count.checked_add(1)?,
            total: self.total.checked_add(line.amount)?,
            hash: hex::encode(Sha256::digest(written)),
        })
    }

    /// What it amounts to.
    #[must_use]
    pub fn seal(self) -> Seal {
        let Self {
            line_count,
            total,
            hash,
        } = self;
        Seal {
            line_count,
            total,
            hash,
        }
    }
}

impl Seal {
    /// Where `received` differs.
    #[must_use]
    pub fn differences(&self, received: &Self) -> Vec<Difference> {
        [
            (
                self.line_count != received.line_count,
                Difference::LineCount,
            ),
            (self.total != received.total, Difference::Total),
            (self.hash != received.hash, Difference::Hash),
        ]
        .into_iter()
        .filter_map(|(differs, what)| differs.then_some(what))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u16, fen: i64) -> BatchLine {
        BatchLine {
            payment_key: format!("2025/{number:05}/a/1"),
            amount: Money::from_fen(fen),
            payee_name: "张三".into(),
            account_number: format!("62170000{number:05}"),
            bank_name: "包头银行".into(),
            corporate: false,
        }
    }

    const EMPTY: &str = "4e6d7259c0adbf4396098b9c6ab70e5893e7921c1827a05977708d4bfea3acc5";
    const TWO: &str = "710f5e7f2f035bf31b62b75199cf419c1ac2972c84a767224c24a02237734869";

    fn seal(lines: &[BatchLine]) -> Seal {
        let empty = Sealing::of("counties/150203/batches/1");
        let sealed = lines.iter().try_fold(empty, Sealing::with);
        sealed.expect("fits").seal()
    }

    #[test]
    fn the_hash_is_the_one_that_the_contract_describes() {
        // printf 'counties/150203/batches/1' | sha256sum, and so on.
        let empty = Sealing::of("counties/150203/batches/1").seal();
        let sealed = seal(&[line(1, 500_000), line(2, 50_000)]);
        assert_eq!(sealed.total, Money::from_fen(550_000));
        assert_eq!((empty.hash.as_str(), sealed.hash.as_str()), (EMPTY, TWO));
    }

    #[test]
    fn an_altered_account_alters_the_hash_and_so_does_another_order() {
        let lines = vec![line(1, 500_000), line(2, 50_000)];
        let mut altered = lines.clone();
        altered[1].account_number = "6217000099999".into();
        let mut swapped = lines.clone();
        swapped.reverse();
        let one = seal(&lines);
        for other in [altered, swapped] {
            assert_eq!(one.differences(&seal(&other)), [Difference::Hash]);
        }
        assert!(one.differences(&one).is_empty());
    }

    #[test]
    fn every_difference_is_named() {
        let one = seal(&[line(1, 500_000), line(2, 50_000)]);
        let other = seal(&[line(1, 500_000)]);
        let all = [Difference::LineCount, Difference::Total, Difference::Hash];
        assert_eq!(one.differences(&other), all);
    }

    #[test]
    fn a_sum_that_does_not_fit_is_none() {
        let full = Sealing::of("b").with(&line(1, i64::MAX)).expect("fits");
        assert_eq!(full.with(&line(2, 1)), None);
    }
}
