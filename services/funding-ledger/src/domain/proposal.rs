//! What one person of finance proposes and another approves.

use yuhui_kernel::{Date, Hand, Money, dates};

/// Kind of proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 批复指标: approved budget of a round.
    Appropriation,
    /// 旗县区配套: the county's share.
    CountyShare,
    /// 市级补助: the city's share.
    CityShare,
    /// Surplus back to the treasuries.
    Remittance,
    /// A recovery arrived.
    RecoveryReceipt,
    /// A recovery is given up.
    RecoveryWriteOff,
}

impl Kind {
    const ALL: [Self; 6] = [
        Self::Appropriation,
        Self::CountyShare,
        Self::CityShare,
        Self::Remittance,
        Self::RecoveryReceipt,
        Self::RecoveryWriteOff,
    ];

    /// Name in the store and in the audit record.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Appropriation => "APPROPRIATION",
            Self::CountyShare => "COUNTY_SHARE",
            Self::CityShare => "CITY_SHARE",
            Self::Remittance => "REMITTANCE",
            Self::RecoveryReceipt => "RECOVERY_RECEIPT",
            Self::RecoveryWriteOff => "RECOVERY_WRITE_OFF",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }
}

/// Where a proposal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum State {
    /// It waits for a checker.
    Waiting,
    /// Approved, and posted.
    Approved,
    /// Declined by a checker.
    Declined,
    /// Withdrawn by whoever made it.
    Withdrawn,
}

impl State {
    const ALL: [Self; 4] = [
        Self::Waiting,
        Self::Approved,
        Self::Declined,
        Self::Withdrawn,
    ];

    /// Name in the store.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Approved => "APPROVED",
            Self::Declined => "DECLINED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }
}

/// A proposal.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Proposal {
    /// Id.
    pub id: String,
    /// Kind.
    #[serde(serialize_with = "code")]
    pub kind: Kind,
    /// Round.
    pub round: i32,
    /// Amount.
    pub amount: Money,
    /// Document: payment voucher, approval number.
    pub document: String,
    /// The case, for recoveries.
    pub case_name: Option<String>,
    /// Account of who proposed it.
    pub maker: String,
    /// Blind reference of who proposed it.
    #[serde(skip)]
    pub maker_person: Option<String>,
    /// Day on which it was made.
    #[serde(serialize_with = "day")]
    pub proposed_on: Date,
    /// State.
    pub state: State,
    /// Account of who approved, declined or withdrew it.
    pub checker: Option<String>,
    /// Why it was declined.
    pub words: String,
    /// Journal posted by the approval.
    pub journal: Option<i64>,
}

fn code<S: serde::Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.code())
}

fn day<S: serde::Serializer>(day: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&dates::format(*day))
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

/// Why a proposal cannot be ended so by somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// It has ended already.
    Ended(State),
    /// DYN-1: who made a thing cannot approve it.
    SameHand,
    /// Nobody but who made it takes it back.
    NotTheMaker,
}

impl Proposal {
    /// What becomes of it if `hand` ends it so: it ends once, and the hand that made it does not approve it,
    /// under whatever account.
    pub fn ended_by(&self, hand: &Hand, ending: Ending) -> Result<State, Barred> {
        if self.state != State::Waiting {
            return Err(Barred::Ended(self.state));
        }
        let maker = Hand {
            account: self.maker.clone(),
            person: self.maker_person.clone(),
        };
        match (ending, maker.is(hand)) {
            (Ending::Approve, true) => Err(Barred::SameHand),
            (Ending::Approve, false) => Ok(State::Approved),
            (Ending::Decline, _) => Ok(State::Declined),
            (Ending::Withdraw, true) => Ok(State::Withdrawn),
            (Ending::Withdraw, false) => Err(Barred::NotTheMaker),
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn proposal() -> Proposal {
        Proposal {
            id: "p".into(),
            kind: Kind::CountyShare,
            round: 2025,
            amount: Money::from_fen(100),
            document: "财拨〔2025〕1号".into(),
            case_name: None,
            maker: "maker".into(),
            maker_person: Some("ref".into()),
            proposed_on: date!(2025 - 06 - 02),
            state: State::Waiting,
            checker: None,
            words: String::new(),
            journal: None,
        }
    }

    fn hand(account: &str, person: Option<&str>) -> Hand {
        Hand {
            account: account.into(),
            person: person.map(Into::into),
        }
    }

    #[test]
    fn who_made_it_cannot_approve_it_under_any_account() {
        let it = proposal();
        let by = |account, person| it.ended_by(&hand(account, person), Ending::Approve);
        assert_eq!(by("maker", None), Err(Barred::SameHand));
        assert_eq!(by("other", Some("ref")), Err(Barred::SameHand));
        assert_eq!(by("checker", None), Ok(State::Approved));
        assert_eq!(by("checker", Some("another")), Ok(State::Approved));
    }

    #[test]
    fn it_ends_once() {
        for state in [State::Approved, State::Declined, State::Withdrawn] {
            let it = Proposal {
                state,
                ..proposal()
            };
            for ending in [Ending::Approve, Ending::Decline, Ending::Withdraw] {
                let third = it.ended_by(&hand("third", None), ending);
                assert_eq!(third, Err(Barred::Ended(state)));
            }
        }
    }

    #[test]
    fn who_made_it_takes_it_back_and_nobody_else() {
        let it = proposal();
        let by = |account| it.ended_by(&hand(account, None), Ending::Withdraw);
        assert_eq!(by("maker"), Ok(State::Withdrawn));
        assert_eq!(by("checker"), Err(Barred::NotTheMaker));
    }

    #[test]
    fn states_are_read_by_name() {
        for state in State::ALL {
            assert_eq!(State::from_code(state.code()), Some(state));
        }
    }

    #[test]
    fn kinds_are_read_by_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code()), Some(kind));
        }
    }
}
