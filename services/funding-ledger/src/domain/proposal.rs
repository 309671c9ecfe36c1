//! What one person of finance proposes and another approves.

use yuhui_kernel::{Hand, Money};

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
    /// Account of who approved it.
    pub checker: Option<String>,
    /// Journal posted by the approval.
    pub journal: Option<i64>,
}

fn code<S: serde::Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.code())
}

/// Why a proposal cannot be approved by somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barred {
    /// It is approved already.
    Approved,
    /// DYN-1: who made a thing cannot approve it.
    SameHand,
}

impl Proposal {
    /// Whether `hand` may approve it: not twice, and not the hand that made it, under whatever
    /// account.
    pub fn may_be_approved_by(&self, hand: &Hand) -> Result<(), Barred> {
        if self.checker.is_some() {
            return Err(Barred::Approved);
        }
        let maker = Hand {
            account: self.maker.clone(),
            person: self.maker_person.clone(),
        };
        if maker.is(hand) {
            return Err(Barred::SameHand);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
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
            checker: None,
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
        let by = |account, person| it.may_be_approved_by(&hand(account, person));
        assert_eq!(by("maker", None), Err(Barred::SameHand));
        assert_eq!(by("other", Some("ref")), Err(Barred::SameHand));
        assert_eq!(by("checker", None), Ok(()));
        assert_eq!(by("checker", Some("another")), Ok(()));
    }

    #[test]
    fn it_is_approved_once() {
        let mut it = proposal();
        it.checker = Some("checker".into());
        let third = it.may_be_approved_by(&hand("third", None));
        assert_eq!(third, Err(Barred::Approved));
    }

    #[test]
    fn kinds_are_read_by_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code()), Some(kind));
        }
    }
}
