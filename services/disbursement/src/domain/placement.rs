//! What becomes of the lines of a case when something new is said of it: a
//! roster that names it, or a corrected account of a payee.

use uuid::Uuid;

use super::line::LineState;

/// A line of the case that exists already, in whatever round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The line.
    pub id: Uuid,
    /// Roster it came from.
    pub roster: String,
    /// Its payee.
    pub payee_ref: String,
    /// Its attempt.
    pub attempt: i32,
    /// Where it stands.
    pub state: LineState,
    /// Its case was struck off its roster.
    pub struck: bool,
}

impl Earlier {
    /// Nobody is paid by it any more: it was cancelled, or the bank returned it and it was given
    /// up (LAPSE_RETURNED).
    fn is_given_up(&self) -> bool {
        match self.state {
            LineState::Cancelled => true,
            LineState::Returned => self.struck,
            _ => false,
        }
    }
}

/// What a roster line leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// The line of that roster exists.
    Known,
    /// Money of the case is or was on its way: it is not paid a second time.
    AlreadyOut,
    /// A new line; lines of earlier rosters that nobody sent are cancelled.
    Place {
        /// Attempt of the new line.
        attempt: i32,
        /// Lines it replaces (F18).
        replaces: Vec<Uuid>,
    },
}

/// Places a line of `roster` for a payee beside the lines of its case.
#[must_use]
pub fn place(roster: &str, payee_ref: &str, earlier: &[Earlier]) -> Placement {
    let of_payee = || earlier.iter().filter(|line| line.payee_ref == payee_ref);
    if of_payee().any(|line| line.roster == roster) {
        return Placement::Known;
    }
    let others = || earlier.iter().filter(|line| line.roster != roster);
    let unsent = |line: &&Earlier| matches!(line.state, LineState::Arriving | LineState::Ready);
    if others().any(|line| !unsent(&line) && !line.is_given_up()) {
        return Placement::AlreadyOut;
    }
    Placement::Place {
        attempt: next_attempt(payee_ref, earlier),
        replaces: others().filter(unsent).map(|line| line.id).collect(),
    }
}

/// Number of the next attempt to pay the payee.
#[must_use]
pub fn next_attempt(payee_ref: &str, earlier: &[Earlier]) -> i32 {
    let of_payee = earlier.iter().filter(|line| line.payee_ref == payee_ref);
    of_payee.map(|line| line.attempt).max().unwrap_or(0) + 1
}

/// What a corrected account leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// The last attempt was returned: a new one (F23).
    NextAttempt,
    /// The last attempt was not sent yet: it goes to the new account.
    ChangeAccount,
    /// The outcome is unknown, or the payee was paid, or is not to be paid.
    Nothing,
}

/// What a corrected account means for the last attempt to pay the payee.
#[must_use]
pub fn correct(last: LineState) -> Correction {
    match last {
        LineState::Returned => Correction::NextAttempt,
        LineState::Arriving | LineState::Ready | LineState::Corrected => Correction::ChangeAccount,
        LineState::Sent | LineState::Credited | LineState::Cancelled => Correction::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: u128, roster: &str, payee: &str, attempt: i32, state: LineState) -> Earlier {
        Earlier {
            id: Uuid::from_u128(id),
            roster: roster.into(),
            payee_ref: payee.into(),
            attempt,
            state,
            struck: false,
        }
    }

    #[test]
    fn a_new_case_is_placed_as_the_first_attempt() {
        let first = Placement::Place {
            attempt: 1,
            replaces: Vec::new(),
        };
        assert_eq!(place("r1", "mother", &[]), first);
        // The other payee of the case on the same roster changes nothing.
        let father = line(1, "r1", "father", 1, LineState::Sent);
        assert_eq!(place("r1", "mother", &[father]), first);
    }

    #[test]
    fn the_same_roster_again_places_nothing() {
        let mother = line(1, "r1", "mother", 1, LineState::Ready);
        assert_eq!(place("r1", "mother", &[mother]), Placement::Known);
    }

    #[test]
    fn a_later_roster_replaces_what_nobody_sent() {
        let mother = line(1, "r1", "mother", 1, LineState::Ready);
        let placed = Placement::Place {
            attempt: 2,
            replaces: vec![Uuid::from_u128(1)],
        };
        assert_eq!(place("r2", "mother", &[mother]), placed);
        let struck = line(1, "r1", "mother", 1, LineState::Cancelled);
        let again = Placement::Place {
            attempt: 2,
            replaces: Vec::new(),
        };
        assert_eq!(place("r2", "mother", &[struck]), again);
    }

    #[test]
    fn money_that_went_out_is_not_placed_again_by_a_later_roster() {
        for state in [
            LineState::Sent,
            LineState::Credited,
            LineState::Returned,
            LineState::Corrected,
        ] {
            let mother = line(1, "r1", "mother", 1, state);
            assert_eq!(place("r2", "mother", &[mother]), Placement::AlreadyOut);
        }
    }

    #[test]
    fn what_came_back_and_was_given_up_may_be_placed_again() {
        let struck = |state| Earlier {
            struck: true,
            ..line(1, "r1", "mother", 1, state)
        };
        let again = Placement::Place {
            attempt: 2,
            replaces: Vec::new(),
        };
        assert_eq!(place("r2", "mother", &[struck(LineState::Returned)]), again);
        for state in [LineState::Sent, LineState::Credited] {
            let placed = place("r2", "mother", &[struck(state)]);
            assert_eq!(placed, Placement::AlreadyOut, "the bank has it");
        }
    }

    #[test]
    fn only_a_returned_line_is_tried_again() {
        for state in LineState::ALL {
            let next = correct(state) == Correction::NextAttempt;
            assert_eq!(next, state == LineState::Returned, "{state:?}");
        }
    }
}
