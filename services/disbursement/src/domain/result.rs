//! Results the bank reports: each line once, the same answer for the same key.

use std::collections::{BTreeMap, HashSet};

use sha2::{Digest as _, Sha256};

/// Most results of one report.
pub const MAX_RESULTS: usize = 10_000;
/// Longest reference of the bank.
const MAX_REFERENCE: usize = 64;

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Credited to the account.
    Credited,
    /// Returned (退汇).
    Returned,
}

impl Outcome {
    /// Stable name, as stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Credited => "CREDITED",
            Self::Returned => "RETURNED",
        }
    }

    /// The outcome of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Credited, Self::Returned]
            .into_iter()
            .find(|outcome| outcome.as_str() == name)
    }
}

/// The bank's answer for one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankResult {
    /// Key of the line.
    pub payment_key: String,
    /// Outcome; `None` if the bank did not state one.
    pub outcome: Option<Outcome>,
    /// Return code (ISO 20022 external code), for returned lines.
    pub return_code: String,
    /// Reference of the bank.
    pub bank_reference: String,
}

/// What a report says, in one word, hex: SHA-256 over its results in the order of the payment keys. The
/// contract says how each is written.
#[must_use]
pub fn digest(results: &[BankResult]) -> String {
    let mut ordered: Vec<&BankResult> = results.iter().collect();
    ordered.sort_by(|one, other| one.payment_key.cmp(&other.payment_key));
    let mut hash = Sha256::new();
    for it in ordered {
        let outcome = it.outcome.map_or("", Outcome::as_str);
        let (key, code, reference) = (&it.payment_key, &it.return_code, &it.bank_reference);
        hash.update(format!("{key}\t{outcome}\t{code}\t{reference}\n"));
    }
    hex::encode(hash.finalize())
}

/// What is wrong with a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The batch has no line of that key.
    UnknownKey,
    /// No outcome.
    NoOutcome,
    /// Returned without a code of four capitals and digits.
    NoCode,
    /// Credited with a return code.
    CodeOfCredited,
    /// The reference is too long, or of more than one line.
    Reference,
    /// Another result was reported for the key before.
    Different,
}

/// A result that is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Place in the report, from 0.
    pub index: usize,
    /// What is wrong.
    pub kind: FaultKind,
}

/// Results of `report` that are news, or everything that is wrong with it.
///
/// `keys` are the keys of the batch, `known` the results reported for it
/// before. A repeated equal result is no news; a different one is a fault,
/// whether it was reported before or stands in the same report.
pub fn news(
    report: &[BankResult],
    keys: &HashSet<String>,
    known: &BTreeMap<String, BankResult>,
) -> Result<Vec<BankResult>, Vec<Fault>> {
    let mut fresh: BTreeMap<&str, &BankResult> = BTreeMap::new();
    let mut faults = Vec::new();
    for (index, result) in report.iter().enumerate() {
        let key = result.payment_key.as_str();
        let before = known.get(key).or_else(|| fresh.get(key).copied());
        let fault = malformed(result)
            .or_else(|| (!keys.contains(key)).then_some(FaultKind::UnknownKey))
            .or_else(|| before.and_then(|it| (it != result).then_some(FaultKind::Different)));
        match fault {
            Some(kind) => faults.push(Fault { index, kind }),
            None if before.is_none() => _ = fresh.insert(key, result),
            None => {}
        }
    }
    if faults.is_empty() {
        Ok(fresh.into_values().cloned().collect())
    } else {
        Err(faults)
    }
}

fn malformed(result: &BankResult) -> Option<FaultKind> {
    let coded = !result.return_code.is_empty();
    match result.outcome {
        None => Some(FaultKind::NoOutcome),
        Some(Outcome::Returned) if !is_code(&result.return_code) => Some(FaultKind::NoCode),
        Some(Outcome::Credited) if coded => Some(FaultKind::CodeOfCredited),
        Some(_) if !is_reference(&result.bank_reference) => Some(FaultKind::Reference),
        Some(_) => None,
    }
}

/// Whether it can be a reference of the bank: short, and of one line.
fn is_reference(reference: &str) -> bool {
    reference.len() <= MAX_REFERENCE && !reference.chars().any(char::is_control)
}

/// Whether `code` looks like an ISO 20022 external status code: `AC01`, `BE01`, `NARR`.
fn is_code(code: &str) -> bool {
    code.len() == 4
        && code
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// printf 'a\tCREDITED\t\tRa\nb\tRETURNED\tAC01\tRb\n' | sha256sum
    const VECTOR: &str = "a84015e232a99feed6cb5ef1519860d58cfba032e88ff230c0f6be08e4c83a4e";

    fn credited(key: &str) -> BankResult {
        BankResult {
            payment_key: key.into(),
            outcome: Some(Outcome::Credited),
            return_code: String::new(),
            bank_reference: format!("R{key}"),
        }
    }

    fn returned(key: &str, code: &str) -> BankResult {
        BankResult {
            outcome: Some(Outcome::Returned),
            return_code: code.into(),
            ..credited(key)
        }
    }

    fn keys() -> HashSet<String> {
        ["a", "b", "c"].map(String::from).into()
    }

    fn kinds(
        report: &[BankResult],
        known: &BTreeMap<String, BankResult>,
    ) -> Vec<(usize, FaultKind)> {
        let faults = news(report, &keys(), known).expect_err("faults");
        faults.into_iter().map(|it| (it.index, it.kind)).collect()
    }

    #[test]
    fn each_fault_is_named_with_its_place() {
        let silent = BankResult {
            outcome: None,
            ..credited("a")
        };
        let coded = BankResult {
            return_code: "AC01".into(),
            ..credited("a")
        };
        let wordy = BankResult {
            bank_reference: "x".repeat(65),
            ..credited("a")
        };
        let forged = BankResult {
            bank_reference: "x\nb\tCREDITED".into(),
            ..credited("a")
        };
        let report = [
            credited("z"),
            silent,
            returned("a", "ac1"),
            coded,
            wordy,
            forged,
        ];
        assert_eq!(
            kinds(&report, &BTreeMap::new()),
            [
                (0, FaultKind::UnknownKey),
                (1, FaultKind::NoOutcome),
                (2, FaultKind::NoCode),
                (3, FaultKind::CodeOfCredited),
                (4, FaultKind::Reference),
                (5, FaultKind::Reference),
            ]
        );
    }

    #[test]
    fn another_result_for_a_reported_key_is_a_fault() {
        let known = BTreeMap::from([("a".to_owned(), credited("a"))]);
        let different = (0, FaultKind::Different);
        assert_eq!(kinds(&[returned("a", "AC04")], &known), [different]);
        let within = [credited("b"), returned("b", "AC04")];
        assert_eq!(kinds(&within, &known), [(1, FaultKind::Different)]);
    }

    #[test]
    fn the_digest_is_of_what_is_said_and_not_of_the_order_it_is_said_in() {
        let both = digest(&[credited("a"), returned("b", "AC01")]);
        assert_eq!(both, digest(&[returned("b", "AC01"), credited("a")]));
        assert_eq!(both, VECTOR);
        for other in [
            digest(&[credited("a"), returned("b", "AC04")]),
            digest(&[credited("a"), credited("b")]),
            digest(&[credited("a")]),
        ] {
            assert_ne!(other, both);
        }
    }

    #[test]
    fn an_equal_repeat_is_no_news() {
        let known = BTreeMap::from([("a".to_owned(), credited("a"))]);
        let report = [credited("a"), credited("b"), credited("b")];
        assert_eq!(news(&report, &keys(), &known), Ok(vec![credited("b")]));
    }

    proptest! {
        #[test]
        fn reporting_the_news_again_is_no_news(credits in proptest::collection::vec(any::<bool>(), 3)) {
            let report: Vec<_> = ["a", "b", "c"]
                .into_iter()
                .zip(credits)
                .map(|(key, ok)| if ok { credited(key) } else { returned(key, "AC01") })
                .collect();
            let first = news(&report, &keys(), &BTreeMap::new()).expect("well formed");
            let known: BTreeMap<_, _> =
                first.into_iter().map(|it| (it.payment_key.clone(), it)).collect();
            prop_assert_eq!(news(&report, &keys(), &known), Ok(Vec::new()));
        }
    }
}
