//! A batch as it arrived, and what its sender must have computed over it; a report, and what its reader must.

use sha2::{Digest as _, Sha256};
use yuhui_kernel::Money;
use yuhui_proto::disbursement::v1::{LineResult, PaymentLine, line_result::Outcome};

/// Lines of a batch, as its sender lists them.
pub struct Received {
    /// The lines.
    pub lines: Vec<PaymentLine>,
}

impl Received {
    /// Sum of the lines; `None` if it does not fit.
    #[must_use]
    pub fn total(&self) -> Option<Money> {
        Money::total(
            self.lines
                .iter()
                .map(|line| Money::from_fen(line.amount_fen)),
        )
    }

    /// The hash of `batch`, by its resource name, as the contract describes it; hex.
    #[must_use]
    pub fn hash(&self, batch: &str) -> String {
        let mut hash = hex::encode(Sha256::digest(batch));
        for line in &self.lines {
            let written = format!(
                "{hash}\t{}\t{}\t{}\t{}\t{}\t{}\n",
                line.payment_key,
                line.amount_fen,
                line.payee_name,
                line.account_number,
                line.bank_name,
                u8::from(line.corporate),
            );
            hash = hex::encode(Sha256::digest(written));
        }
        hash
    }
}

/// The digest of what a report says, as the contract describes it; hex.
#[must_use]
pub fn digest_of(results: &[LineResult]) -> String {
    let mut ordered: Vec<&LineResult> = results.iter().collect();
    ordered.sort_by(|one, other| one.payment_key.cmp(&other.payment_key));
    let mut hash = Sha256::new();
    for it in ordered {
        let outcome = match it.outcome() {
            Outcome::Credited => "CREDITED",
            Outcome::Returned => "RETURNED",
            Outcome::Unspecified => "",
        };
        let (key, code, reference) = (&it.payment_key, &it.return_code, &it.bank_reference);
        hash.update(format!("{key}\t{outcome}\t{code}\t{reference}\n"));
    }
    hex::encode(hash.finalize())
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
    fn lines_their_order_and_their_amounts_count() {
        let received = |lines: Vec<PaymentLine>| Received { lines };
        let one = received(vec![line("a", 1), line("b", 2)]);
        assert_eq!(one.total(), Some(Money::from_fen(3)));
        for other in [
            received(vec![line("b", 2), line("a", 1)]),
            received(vec![line("a", 2), line("b", 1)]),
            received(vec![line("a", 1)]),
        ] {
            assert_ne!(one.hash("batch"), other.hash("batch"));
        }
    }
}
