//! States and hands of a report of results: the bank's operator makes it, its authoriser puts it in force
//! (F21, F22, DYN-1).

use yuhui_kernel::Hand;

/// Where a report stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportState {
    /// It waits for the authoriser.
    Submitted,
    /// In force.
    Authorised,
    /// Declined by the authoriser: what it says may be reported anew.
    Declined,
    /// Withdrawn by whoever made it: likewise.
    Withdrawn,
}

impl ReportState {
    /// Those whose results stand: nobody reports another for the same key.
    pub const STANDING: [Self; 2] = [Self::Submitted, Self::Authorised];
    const ALL: [Self; 4] = [
        Self::Submitted,
        Self::Authorised,
        Self::Declined,
        Self::Withdrawn,
    ];

    /// Stable name, as stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "SUBMITTED",
            Self::Authorised => "AUTHORISED",
            Self::Declined => "DECLINED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// The state of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// Why an act on a report is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportFault {
    /// It does not wait for this any more.
    State(ReportState),
    /// Whoever made it does not authorise it (DYN-1).
    SameMaker,
    /// Nobody but whoever made it withdraws it.
    NotTheMaker,
}

/// How a report that waits ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The authoriser puts it in force.
    Authorise,
    /// The authoriser declines it.
    Decline,
    /// The operator takes it back.
    Withdraw,
}

impl Ending {
    /// What becomes of a report in `state` that `operator` made, if `by` ends it so.
    pub fn of(
        self,
        state: ReportState,
        operator: &Hand,
        by: &Hand,
    ) -> Result<ReportState, ReportFault> {
        if state != ReportState::Submitted {
            return Err(ReportFault::State(state));
        }
        match self {
            Self::Authorise if operator.is(by) => Err(ReportFault::SameMaker),
            Self::Authorise => Ok(ReportState::Authorised),
            Self::Decline => Ok(ReportState::Declined),
            Self::Withdraw if !operator.is(by) => Err(ReportFault::NotTheMaker),
            Self::Withdraw => Ok(ReportState::Withdrawn),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hand(account: &str) -> Hand {
        Hand {
            account: account.into(),
            person: None,
        }
    }

    #[test]
    fn a_report_ends_once_and_by_the_right_hand() {
        let (operator, authoriser) = (hand("operator"), hand("authoriser"));
        let end = |ending: Ending, by| ending.of(ReportState::Submitted, &operator, by);
        assert_eq!(
            end(Ending::Authorise, &authoriser),
            Ok(ReportState::Authorised)
        );
        assert_eq!(
            end(Ending::Authorise, &operator),
            Err(ReportFault::SameMaker)
        );
        assert_eq!(end(Ending::Decline, &authoriser), Ok(ReportState::Declined));
        assert_eq!(end(Ending::Withdraw, &operator), Ok(ReportState::Withdrawn));
        assert_eq!(
            end(Ending::Withdraw, &authoriser),
            Err(ReportFault::NotTheMaker)
        );
        for state in ReportState::ALL {
            assert_eq!(ReportState::named(state.as_str()), Some(state));
            for ending in [Ending::Authorise, Ending::Decline, Ending::Withdraw] {
                let again = ending.of(state, &operator, &authoriser);
                let waits = state == ReportState::Submitted;
                assert_eq!(again == Err(ReportFault::State(state)), !waits);
            }
        }
    }
}
