//! A batch as it arrived, and what its sender must have computed over it.

use sha2::{Digest as _, Sha256};
use yuhui_kernel::Money;
use yuhui_proto::disbursement::v1::PaymentLine;

/// Lines of a batch, by payment key.
pub struct Received {
    /// The lines.
    pub lines: Vec<PaymentLine>,
}

impl Received {
    /// Lines in whatever order they came.
    #[must_use]
    pub fn new(mut lines: Vec<PaymentLine>) -> Self {
        lines.sort_by(|one, other| one.payment_key.cmp(&other.payment_key));
        Self { lines }
    }

    /// Sum of the lines; `None` if it does not fit.
    #[must_use]
    pub fn total(&self) -> Option<Money> {
        Money::total(
            self.lines
                .iter()
                .map(|line| Money::from_fen(line.amount_fen)),
        )
    }

    /// SHA-256 over the lines in ascending order of the key, each written in
    /// UTF-8 as `payment_key TAB amount_fen TAB payee_name TAB account_number
    /// TAB bank_name TAB corporate(0|1) LF`; hex.
    #[must_use]
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for line in &self.lines {
            hash.update(format!(
                "{}\t{}\t{}\t{}\t{}\t{}\n",
                line.payment_key,
                line.amount_fen,
                line.payee_name,
                line.account_number,
                line.bank_name,
                u8::from(line.corporate),
            ));
        }
        hex::encode(hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(key: &str, amount_fen: i64) -> PaymentLine {
        PaymentLine {
            payment_key: key.into(),
            amount_fen,
            account_number: "6217000012345670".into(),
            ..PaymentLine::default()
        }
    }

    #[test]
    fn the_order_of_arrival_does_not_matter_and_an_amount_does() {
        let one = Received::new(vec![line("a", 1), line("b", 2)]);
        let other = Received::new(vec![line("b", 2), line("a", 1)]);
        assert_eq!(one.hash(), other.hash());
        assert_eq!(one.total(), Some(Money::from_fen(3)));
        let altered = Received::new(vec![line("a", 2), line("b", 1)]);
        assert_ne!(one.hash(), altered.hash());
    }
}
