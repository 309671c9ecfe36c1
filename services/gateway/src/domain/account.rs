//! The life of an account: made by one security administrator, activated by
//! another, suspended for good.

use std::fmt;

use yuhui_platform::refusal::{self, Common};
use yuhui_proto::authz::v1::{Power, RoleSpec};

use crate::refusal::Refused;

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
}

impl State {
    /// The name in storage, audit and refusals.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
        }
    }

    /// Reads [`State::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Active, Self::Suspended]
            .into_iter()
            .find(|state| state.as_str() == text)
    }

    /// Acts the state allows.
    #[must_use]
    pub fn allowed(self) -> &'static [&'static str] {
        match self {
            Self::Pending => &["ACTIVATE", "SUSPEND"],
            Self::Active => &["SUSPEND"],
            Self::Suspended => &[],
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Somebody who acts on an account, or made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hand {
    /// Account id.
    pub account: String,
    /// Blind index of the person behind it.
    pub person: Option<String>,
}

impl Hand {
    /// Whether the same person is behind both.
    fn is(&self, other: &Self) -> bool {
        self.account == other.account || (self.person.is_some() && self.person == other.person)
    }
}

/// Activates, as head of the unit or as a second security administrator: only from PENDING, by
/// another person than the maker and the holder (DYN-1).
pub fn activate(
    name: &str,
    state: State,
    maker: &Hand,
    holder: &Hand,
    by: &Hand,
) -> Result<State, yuhui_platform::Error> {
    if by.is(maker) || by.is(holder) {
        return Err(refusal::denied(
            "DYN-1",
            "账号须由创建人和使用人以外的人启用",
            "an account is activated by another person than its maker and its holder",
        )
        .into());
    }
    match state {
        State::Pending => Ok(State::Active),
        State::Active | State::Suspended => Err(wrong_state(name, state).into()),
    }
}

/// Suspends whatever is not suspended.
pub fn suspend(name: &str, state: State) -> Result<State, Refused> {
    match state {
        State::Pending | State::Active => Ok(State::Suspended),
        State::Suspended => Err(wrong_state(name, state)),
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

fn wrong_state(name: &str, state: State) -> Refused {
    Refused::WrongState {
        name: name.into(),
        state,
    }
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

    fn reason(result: Result<State, yuhui_platform::Error>) -> String {
        result.expect_err("refused").reason().expect("a reason")
    }

    #[test]
    fn another_person_activates_a_pending_account_once() {
        let (maker, holder) = (hand("a", "pa"), hand("h", "ph"));
        let by = hand("b", "pb");
        let to = activate("accounts/h", State::Pending, &maker, &holder, &by).expect("activated");
        assert_eq!(to, State::Active);
        let again = activate("accounts/h", to, &maker, &holder, &by);
        assert_eq!(reason(again), "WRONG_STATE");
    }

    #[test]
    fn maker_and_holder_do_not_activate_even_through_another_account() {
        let (maker, holder) = (hand("a", "pa"), hand("h", "ph"));
        for by in [hand("a", "pa"), hand("a2", "pa"), hand("x", "ph")] {
            let done = activate("accounts/h", State::Pending, &maker, &holder, &by);
            assert_eq!(reason(done), "SEPARATION_OF_DUTIES");
        }
    }

    #[test]
    fn suspension_is_final() {
        let suspended = suspend("accounts/h", State::Active).expect("suspended");
        assert!(suspend("accounts/h", suspended).is_err());
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
        for state in [State::Pending, State::Active, State::Suspended] {
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
        assert_eq!(State::parse("DELETED"), None);
    }
}
