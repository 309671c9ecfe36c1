//! A payment line as the ledger sees it: an amount for a case, and where the money is.

/// State of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineState {
    /// Of a roster whose other lines are still coming in: not payable, not in the book.
    Arriving,
    /// Payable, not at the bank.
    Ready,
    /// At the bank, no answer yet.
    Sent,
    /// Credited to the payee.
    Credited,
    /// Returned by the bank, waiting for a correct account.
    Returned,
    /// Terminated before it was sent.
    Terminated,
    /// Given up after it was returned.
    Lapsed,
}

impl LineState {
    const ALL: [Self; 7] = [
        Self::Arriving,
        Self::Ready,
        Self::Sent,
        Self::Credited,
        Self::Returned,
        Self::Terminated,
        Self::Lapsed,
    ];

    /// Name in the store.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Arriving => "ARRIVING",
            Self::Ready => "READY",
            Self::Sent => "SENT",
            Self::Credited => "CREDITED",
            Self::Returned => "RETURNED",
            Self::Terminated => "TERMINATED",
            Self::Lapsed => "LAPSED",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }

    /// What a termination does to a line in this state.
    #[must_use]
    pub const fn on_termination(self) -> Termination {
        match self {
            Self::Ready => Termination::Terminate,
            Self::Returned => Termination::Lapse,
            Self::Sent => Termination::StopIfReturned,
            // R-TER-4: nothing is terminated after payment. What is said of a roster waits until
            // the roster is here.
            Self::Arriving | Self::Credited | Self::Terminated | Self::Lapsed => {
                Termination::TooLate
            }
        }
    }
}

/// What a termination does to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Termination {
    /// TERMINATE_UNPAID.
    Terminate,
    /// LAPSE_RETURNED: the money is back and stays.
    Lapse,
    /// The bank has it and decides; if it returns the line, the line lapses.
    StopIfReturned,
    /// Nothing.
    TooLate,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_paid_is_not_terminated() {
        assert_eq!(LineState::Credited.on_termination(), Termination::TooLate);
        assert_eq!(
            LineState::Sent.on_termination(),
            Termination::StopIfReturned
        );
        for state in LineState::ALL {
            assert_eq!(LineState::from_code(state.code()), Some(state));
        }
    }
}
