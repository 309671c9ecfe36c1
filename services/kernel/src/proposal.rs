//! What one proposes and another approves (DYN-1): how it ends, and by whose hand.

use serde::Serialize;

use crate::Hand;

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProposalState {
    /// It waits for a checker.
    Waiting,
    /// Approved: it has its effect.
    Approved,
    /// Declined by a checker: it has none.
    Declined,
    /// Withdrawn by whoever made it: likewise.
    Withdrawn,
}

impl ProposalState {
    #[cfg(test)]
    const ALL: [Self; 4] = [
        Self::Waiting,
        Self::Approved,
        Self::Declined,
        Self::Withdrawn,
    ];

    /// Stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Approved => "APPROVED",
            Self::Declined => "DECLINED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// As it is stored beside whoever ended it: nothing, unless it was ended without effect. Programs that know
    /// of approval alone write and read the same.
    #[must_use]
    pub const fn kept(self) -> &'static str {
        match self {
            Self::Waiting | Self::Approved => "",
            Self::Declined | Self::Withdrawn => self.as_str(),
        }
    }

    /// Read from what is stored, and whether somebody has ended it.
    #[must_use]
    pub fn read(kept: &str, has_ended: bool) -> Option<Self> {
        match (kept, has_ended) {
            ("", false) => Some(Self::Waiting),
            ("", true) => Some(Self::Approved),
            ("DECLINED", true) => Some(Self::Declined),
            ("WITHDRAWN", true) => Some(Self::Withdrawn),
            _ => None,
        }
    }
}

/// How a proposal ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A checker approves it.
    Approve,
    /// A checker declines it.
    Decline,
    /// Whoever made it takes it back.
    Withdraw,
}

/// Why somebody does not end a proposal so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// It has ended already.
    Ended(ProposalState),
    /// DYN-1: who made a thing cannot approve it.
    SameHand,
    /// Nobody but who made it takes it back.
    NotTheMaker,
}

impl Ending {
    /// What becomes of a proposal in `state` that `maker` made, if `by` ends it so: it ends once, and the hand
    /// that made it does not approve it, under whatever account.
    pub fn of(
        self,
        state: ProposalState,
        maker: &Hand,
        by: &Hand,
    ) -> Result<ProposalState, Barred> {
        if state != ProposalState::Waiting {
            return Err(Barred::Ended(state));
        }
        match (self, maker.is(by)) {
            (Self::Approve, true) => Err(Barred::SameHand),
            (Self::Approve, false) => Ok(ProposalState::Approved),
            (Self::Decline, _) => Ok(ProposalState::Declined),
            (Self::Withdraw, true) => Ok(ProposalState::Withdrawn),
            (Self::Withdraw, false) => Err(Barred::NotTheMaker),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hand(account: &str, person: Option<&str>) -> Hand {
        Hand {
            account: account.into(),
            person: person.map(Into::into),
        }
    }

    fn end(ending: Ending, by: &Hand) -> Result<ProposalState, Barred> {
        ending.of(ProposalState::Waiting, &hand("maker", Some("ref")), by)
    }

    #[test]
    fn who_made_it_cannot_approve_it_under_any_account() {
        let approve = |by| end(Ending::Approve, &by);
        assert_eq!(approve(hand("maker", None)), Err(Barred::SameHand));
        assert_eq!(approve(hand("other", Some("ref"))), Err(Barred::SameHand));
        let approved = Ok(ProposalState::Approved);
        assert_eq!(approve(hand("checker", None)), approved);
        assert_eq!(approve(hand("checker", Some("another"))), approved);
    }

    #[test]
    fn a_checker_declines_it_and_nobody_but_its_maker_takes_it_back() {
        let checker = hand("checker", None);
        assert_eq!(end(Ending::Decline, &checker), Ok(ProposalState::Declined));
        assert_eq!(end(Ending::Withdraw, &checker), Err(Barred::NotTheMaker));
        let maker = hand("maker", None);
        assert_eq!(end(Ending::Withdraw, &maker), Ok(ProposalState::Withdrawn));
    }

    #[test]
    fn it_ends_once_and_its_state_is_read_as_it_was_kept() {
        assert_eq!(ProposalState::read("DECLINED", false), None);
        for state in ProposalState::ALL {
            let has_ended = state != ProposalState::Waiting;
            assert_eq!(ProposalState::read(state.kept(), has_ended), Some(state));
            for ending in [Ending::Approve, Ending::Decline, Ending::Withdraw] {
                let again = ending.of(state, &hand("maker", None), &hand("third", None));
                assert_eq!(again == Err(Barred::Ended(state)), has_ended);
            }
        }
    }
}
