//! The life of an account: made by one security administrator, activated by
//! another, suspended for good.

use std::fmt;

use yuhui_kernel::Hand;
use yuhui_platform::refusal::{self, Common};
use yuhui_proto::authz::v1::{Power, RoleSpec};

/// State of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Made, not yet activated.
    Pending,
    /// May sign in.
    Active,
    /// May not sign in, and never will again: what it did stays attributed to
    /// its holder, who gets a new account if needed.
    Suspended,
    /// Declined by whoever was to let its holder act: it never was in force.
    Declined,
    /// Withdrawn by whoever made it: likewise.
    Withdrawn,
}

impl State {
    const ALL: [Self; 5] = [
        Self::Pending,
        Self::Active,
        Self::Suspended,
        Self::Declined,
        Self::Withdrawn,
    ];

    /// The name in storage, audit and refusals.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::Declined => "DECLINED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// Reads [`State::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Acts the state allows.
    #[must_use]
    pub fn allowed(self) -> &'static [&'static str] {
        match self {
            Self::Pending => &["ACTIVATE", "DECLINE", "WITHDRAW", "SUSPEND"],
            Self::Active => &["SUSPEND"],
            Self::Suspended | Self::Declined | Self::Withdrawn => &[],
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why an account does not enter another state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// DYN-1: who made or holds it does not activate it.
    SameHand,
    /// Nobody but who made it takes it back.
    NotTheMaker,
    /// Its state does not allow the act.
    State(State),
}

/// Activates, as head of the unit or as a second security administrator: only from PENDING, by
/// another person than the maker and the holder (DYN-1).
pub fn activate(state: State, maker: &Hand, holder: &Hand, by: &Hand) -> Result<State, Barred> {
    if by.is(maker) || by.is(holder) {
        return Err(Barred::SameHand);
    }
    match state {
        State::Pending => Ok(State::Active),
        _ => Err(Barred::State(state)),
    }
}

/// Declines what waits.
pub fn decline(state: State) -> Result<State, Barred> {
    match state {
        State::Pending => Ok(State::Declined),
        _ => Err(Barred::State(state)),
    }
}

/// Takes back what waits: nobody but who made it.
pub fn withdraw(state: State, maker: &Hand, by: &Hand) -> Result<State, Barred> {
    match state {
        State::Pending if by.is(maker) => Ok(State::Withdrawn),
        State::Pending => Err(Barred::NotTheMaker),
        _ => Err(Barred::State(state)),
    }
}

/// Suspends whatever may act, or yet may.
pub fn suspend(state: State) -> Result<State, Barred> {
    match state {
        State::Pending | State::Active => Ok(State::Suspended),
        State::Suspended | State::Declined | State::Withdrawn => Err(Barred::State(state)),
    }
}

/// Supervision roles are granted by the supervising body: by administrators of
/// the city, never by one who belongs to the supervised county (SOD-6).
pub fn may_grant(spec: &RoleSpec, by_county: bool) -> Result<(), Common> {
    if spec.power() == Power::Supervision && by_county {
        return Err(refusal::denied(
            "SOD-6",
            "监督岗位不得由被监督的旗县区授予",
            "a supervision role is not granted by the supervised county",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hand(account: &str, person: &str) -> Hand {
        Hand {
            account: account.into(),
            person: Some(person.into()),
        }
    }

    #[test]
    fn another_person_activates_a_pending_account_once() {
        let (maker, holder) = (hand("a", "pa"), hand("h", "ph"));
        let by = hand("b", "pb");
        let to = activate(State::Pending, &maker, &holder, &by).expect("activated");
        assert_eq!(to, State::Active);
        let again = activate(to, &maker, &holder, &by);
        assert_eq!(again, Err(Barred::State(State::Active)));
    }

    #[test]
    fn maker_and_holder_do_not_activate_even_through_another_account() {
        let (maker, holder) = (hand("a", "pa"), hand("h", "ph"));
        for by in [hand("a", "pa"), hand("a2", "pa"), hand("x", "ph")] {
            let done = activate(State::Pending, &maker, &holder, &by);
            assert_eq!(done, Err(Barred::SameHand));
        }
    }

    #[test]
    fn what_waits_is_declined_or_withdrawn_by_who_made_it_and_then_stays_so() {
        let (maker, other) = (hand("a", "pa"), hand("b", "pb"));
        assert_eq!(decline(State::Pending), Ok(State::Declined));
        let own = withdraw(State::Pending, &maker, &hand("a2", "pa"));
        assert_eq!(own, Ok(State::Withdrawn));
        let not_his = withdraw(State::Pending, &maker, &other);
        assert_eq!(not_his, Err(Barred::NotTheMaker));
        for state in [State::Declined, State::Withdrawn, State::Active] {
            assert_eq!(decline(state), Err(Barred::State(state)));
            assert_eq!(withdraw(state, &maker, &maker), Err(Barred::State(state)));
        }
        assert!(suspend(State::Declined).is_err() && suspend(State::Withdrawn).is_err());
    }

    #[test]
    fn suspension_is_final() {
        let suspended = suspend(State::Active).expect("suspended");
        assert!(suspend(suspended).is_err());
        assert!(suspended.allowed().is_empty());
    }

    #[test]
    fn a_county_does_not_choose_its_own_supervisor() {
        let spec = RoleSpec {
            power: Power::Supervision.into(),
            ..RoleSpec::default()
        };
        assert!(may_grant(&spec, true).is_err());
        assert!(may_grant(&spec, false).is_ok());
    }

    #[test]
    fn states_are_read_as_they_are_written() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
        assert_eq!(State::parse("DELETED"), None);
    }
}
