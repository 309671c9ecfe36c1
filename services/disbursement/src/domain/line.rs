//! States of a payment line (C.9). One line is one attempt to pay one payee;
//! a corrected account makes a new line with the next attempt number (R-FUN-4).

use sha2::{Digest as _, Sha256};

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineState {
    /// Of a roster whose other lines are still coming in.
    Arriving,
    /// Waiting for an order.
    Ready,
    /// A further attempt, after a return, with a corrected account; waiting for an order.
    Corrected,
    /// In a batch that is released, or still made. The outcome is unknown until the bank answers.
    Sent,
    /// Credited.
    Credited,
    /// Returned (退汇).
    Returned,
    /// Terminated, or replaced by a later roster, before it was sent.
    Cancelled,
}

/// What may happen to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Its order was released to the bank (F20).
    Send,
    /// The bank credited it (F21).
    Credit,
    /// The bank returned it (F22).
    Return,
    /// Its case was terminated (F24) or its roster replaced (F18).
    Cancel,
}

/// The step does not exist from that state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a line in state {state:?} does not {step:?}")]
pub struct NoSuchStep {
    /// State the line is in.
    pub state: LineState,
    /// What was to happen.
    pub step: Step,
}

impl LineState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Arriving,
        Self::Ready,
        Self::Corrected,
        Self::Sent,
        Self::Credited,
        Self::Returned,
        Self::Cancelled,
    ];

    /// The state after `step`.
    pub fn after(self, step: Step) -> Result<Self, NoSuchStep> {
        match (self, step) {
            (Self::Ready | Self::Corrected, Step::Send) => Ok(Self::Sent),
            (Self::Arriving | Self::Ready | Self::Corrected, Step::Cancel) => Ok(Self::Cancelled),
            (Self::Sent, Step::Credit) => Ok(Self::Credited),
            (Self::Sent, Step::Return) => Ok(Self::Returned),
            _ => Err(NoSuchStep { state: self, step }),
        }
    }

    /// Whether an order may take the line: nothing was sent yet and nothing is decided.
    #[must_use]
    pub fn is_waiting(self) -> bool {
        matches!(self, Self::Ready | Self::Corrected)
    }

    /// Stable name, as stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Arriving => "ARRIVING",
            Self::Ready => "READY",
            Self::Corrected => "CORRECTED",
            Self::Sent => "SENT",
            Self::Credited => "CREDITED",
            Self::Returned => "RETURNED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// Idempotency key of a line: round + case + payee + attempt (C.9). The bank
/// answers the same for a repeated key, so no attempt is ever paid twice.
///
/// `case` is the case's resource name, of which the last part is used. The
/// payee's blind reference is hashed again: the bank cannot follow a payee from
/// case to case by the key.
#[must_use]
pub fn payment_key(round: i32, case: &str, payee_ref: &str, attempt: i32) -> String {
    const PAYEE_BYTES: usize = 8;
    let case_id = case.rsplit('/').next().unwrap_or(case);
    let digest = Sha256::digest(format!("{case}/{payee_ref}"));
    let payee = hex::encode(digest.get(..PAYEE_BYTES).unwrap_or_default());
    format!("{round}/{case_id}/{payee}/{attempt}")
}

/// An account number of which only the last four digits are shown.
#[must_use]
pub fn masked(tail: &str) -> String {
    format!("****{tail}")
}

/// The digits that a masked number shows; none of a number so short that they
/// would give it away.
#[must_use]
pub fn tail(account_number: &str) -> &str {
    const SHOWN: usize = 4;
    const SHORTEST: usize = 8;
    if account_number.len() < SHORTEST {
        return "";
    }
    account_number
        .get(account_number.len() - SHOWN..)
        .unwrap_or("")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const STEPS: [Step; 4] = [Step::Send, Step::Credit, Step::Return, Step::Cancel];

    fn any_state() -> impl Strategy<Value = LineState> {
        (0..LineState::ALL.len()).prop_map(|index| LineState::ALL[index])
    }

    #[test]
    fn a_line_is_sent_before_the_bank_can_answer() {
        assert_eq!(LineState::Ready.after(Step::Send), Ok(LineState::Sent));
        assert_eq!(LineState::Corrected.after(Step::Send), Ok(LineState::Sent));
        for step in [Step::Credit, Step::Return] {
            assert!(LineState::Ready.after(step).is_err());
            assert!(LineState::Sent.after(step).is_ok());
        }
    }

    #[test]
    fn what_was_sent_is_neither_cancelled_nor_sent_again() {
        for state in [LineState::Sent, LineState::Credited, LineState::Returned] {
            assert!(state.after(Step::Cancel).is_err());
            assert!(state.after(Step::Send).is_err());
        }
    }

    #[test]
    fn a_key_names_round_case_payee_and_attempt() {
        let case = "counties/150203/cases/0199";
        let key = payment_key(2025, case, "mother", 2);
        assert!(
            key.starts_with("2025/0199/") && key.ends_with("/2"),
            "{key}"
        );
        assert_eq!(key, payment_key(2025, case, "mother", 2));
        assert_ne!(key, payment_key(2025, case, "father", 2));
        assert_ne!(key, payment_key(2025, case, "mother", 1));
    }

    #[test]
    fn a_mask_shows_four_digits_of_a_real_number_and_none_of_a_short_one() {
        assert_eq!(masked(tail("6217000010001234567")), "****4567");
        assert_eq!(masked(tail("1234567")), "****");
    }

    proptest! {
        #[test]
        fn credited_is_forever(steps in proptest::collection::vec(0_usize..4, 0..20)) {
            let mut state = LineState::Credited;
            for step in steps {
                state = state.after(STEPS[step]).unwrap_or(state);
            }
            prop_assert_eq!(state, LineState::Credited);
        }

        #[test]
        fn at_most_one_answer_of_the_bank_counts(
            start in any_state(),
            steps in proptest::collection::vec(0_usize..4, 0..20),
        ) {
            let (mut state, mut sent, mut answered) = (start, 0, 0);
            for step in steps.into_iter().map(|index| STEPS[index]) {
                if let Ok(next) = state.after(step) {
                    state = next;
                    sent += usize::from(step == Step::Send);
                    answered += usize::from(matches!(step, Step::Credit | Step::Return));
                }
            }
            prop_assert!(sent <= 1 && answered <= 1);
        }

        #[test]
        fn a_state_is_found_by_its_name(state in any_state()) {
            prop_assert_eq!(LineState::named(state.as_str()), Some(state));
        }
    }
}
