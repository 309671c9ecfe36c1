//! A batch for the bank: its lines, its sum and the hash that both sides compute.

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
    /// SHA-256 over the lines, hex.
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

/// Seals `lines`; `None` if their number or sum does not fit.
///
/// The hash is SHA-256 over the lines in ascending byte order of the key, each
/// written in UTF-8 as `payment_key TAB amount_fen TAB payee_name TAB
/// account_number TAB bank_name TAB corporate(0|1) LF`.
#[must_use]
pub fn seal(lines: &[BatchLine]) -> Option<Seal> {
    let mut ordered: Vec<&BatchLine> = lines.iter().collect();
    ordered.sort_by(|one, other| one.payment_key.cmp(&other.payment_key));
    let mut hash = Sha256::new();
    for line in ordered {
        hash.update(format!(
            "{}\t{}\t{}\t{}\t{}\t{}\n",
            line.payment_key,
            line.amount.fen(),
            line.payee_name,
            line.account_number,
            line.bank_name,
            u8::from(line.corporate),
        ));
    }
    Some(Seal {
        line_count: i32::try_from(lines.len()).ok()?,
        total: Money::total(lines.iter().map(|line| line.amount))?,
        hash: hex::encode(hash.finalize()),
    })
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
    use proptest::prelude::*;

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

    #[test]
    fn an_altered_account_alters_the_hash() {
        let lines = vec![line(1, 500_000), line(2, 50_000)];
        let mut altered = lines.clone();
        altered[1].account_number = "6217000099999".into();
        let (one, other) = (seal(&lines).expect("fits"), seal(&altered).expect("fits"));
        assert_eq!(one.total, Money::from_fen(550_000));
        assert_eq!(one.differences(&other), [Difference::Hash]);
        assert!(one.differences(&one).is_empty());
    }

    #[test]
    fn every_difference_is_named() {
        let one = seal(&[line(1, 500_000), line(2, 50_000)]).expect("fits");
        let other = seal(&[line(1, 500_000)]).expect("fits");
        let all = [Difference::LineCount, Difference::Total, Difference::Hash];
        assert_eq!(one.differences(&other), all);
    }

    proptest! {
        #[test]
        fn the_order_of_arrival_does_not_matter(
            lines in proptest::collection::btree_map(any::<u16>(), 1_i64..10_000_000, 1..30),
        ) {
            let forward: Vec<_> = lines.iter().map(|(key, fen)| line(*key, *fen)).collect();
            let backward: Vec<_> = forward.iter().rev().cloned().collect();
            prop_assert_eq!(seal(&forward), seal(&backward));
        }
    }
}
