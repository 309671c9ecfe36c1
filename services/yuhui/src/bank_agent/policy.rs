//! How the simulated bank decides: by the payment key alone, so that a
//! repeated key gets the same answer.

use sha2::{Digest as _, Sha256};
use yuhui_proto::disbursement::v1::PaymentLine;

/// Codes of returned payments, in ISO 20022, and what they mean.
pub const CODES: [(&str, &str); 4] = [
    ("AC01", "账号错误"),
    ("AC04", "账户已销户"),
    ("AC06", "账户已冻结"),
    ("BE01", "户名不符"),
];

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Credited.
    Credit,
    /// Returned with a code.
    Return(&'static str),
}

/// The share of first attempts that fail, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Of a thousand first attempts, about this many are returned.
    pub fail_permille: u16,
    /// Another seed returns other lines.
    pub seed: u64,
}

impl Policy {
    /// Decides a line. A further attempt goes to a corrected account and succeeds.
    #[must_use]
    pub fn decide(&self, line: &PaymentLine) -> Decision {
        if line.attempt > 1 {
            return Decision::Credit;
        }
        let digest = Sha256::digest(format!("{}/{}", self.seed, line.payment_key));
        let (lot, rest) = digest
            .split_first_chunk()
            .map_or((0, &[][..]), |(lot, rest)| (u64::from_be_bytes(*lot), rest));
        if lot % 1000 >= u64::from(self.fail_permille) {
            return Decision::Credit;
        }
        let kind = rest
            .first()
            .map_or(0, |byte| usize::from(*byte) % CODES.len());
        Decision::Return(CODES.get(kind).map_or("NARR", |(code, _)| code))
    }
}

/// What a return code means, in Chinese.
#[must_use]
pub fn meaning(code: &str) -> &'static str {
    let found = CODES.iter().find(|(known, _)| *known == code);
    found.map_or("其他", |(_, meaning)| meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u32, attempt: i32) -> PaymentLine {
        PaymentLine {
            payment_key: format!("2025/{number}/a/{attempt}"),
            attempt,
            ..PaymentLine::default()
        }
    }

    fn returned(policy: Policy, attempt: i32) -> usize {
        let lines = (0..2000).map(|number| line(number, attempt));
        lines
            .filter(|line| policy.decide(line) != Decision::Credit)
            .count()
    }

    #[test]
    fn about_the_share_asked_for_fails_at_the_first_attempt_and_none_later() {
        let policy = Policy {
            fail_permille: 50,
            seed: 126,
        };
        let first = returned(policy, 1);
        assert!((60..=140).contains(&first), "{first} of 2000");
        assert_eq!(returned(policy, 2), 0);
        let never = Policy {
            fail_permille: 0,
            ..policy
        };
        assert_eq!(returned(never, 1), 0);
        let always = Policy {
            fail_permille: 1000,
            ..policy
        };
        assert_eq!(returned(always, 1), 2000);
    }

    #[test]
    fn the_same_key_is_always_decided_alike() {
        let policy = Policy {
            fail_permille: 500,
            seed: 7,
        };
        let other = Policy { seed: 8, ..policy };
        let decide = |policy: Policy| -> Vec<_> {
            (0..100)
                .map(|number| policy.decide(&line(number, 1)))
                .collect()
        };
        assert_eq!(decide(policy), decide(policy));
        assert_ne!(decide(policy), decide(other));
    }
}
