//! What one person of finance proposes and another approves.

use sha2::{Digest as _, Sha256};
use yuhui_kernel::{
    Date, Hand, Money, dates,
    hand::is_one,
    proposal::{Barred, Ending, ProposalState},
};

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
    /// 追加预算: an addition to the approved budget of a round.
    Supplement,
    /// 年终结转: the year of a round is closed.
    YearClose,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Appropriation,
        Self::CountyShare,
        Self::CityShare,
        Self::Remittance,
        Self::RecoveryReceipt,
        Self::RecoveryWriteOff,
        Self::Supplement,
        Self::YearClose,
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
            Self::Supplement => "SUPPLEMENT",
            Self::YearClose => "YEAR_CLOSE",
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
    /// Amount; of a year's close the net expense closed.
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
    /// Account of who of the health office endorsed it, where that is asked for.
    pub endorser: Option<String>,
    /// Blind reference of who endorsed it.
    #[serde(skip)]
    pub endorser_person: Option<String>,
    /// State.
    pub state: ProposalState,
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

impl Proposal {
    /// What it is of, in one word: what is proposed, by whom, and how it stands.
    #[must_use]
    pub fn etag(&self) -> String {
        let said = [
            &self.id,
            self.kind.code(),
            &self.round.to_string(),
            &self.amount.fen().to_string(),
            &self.document,
            self.case_name.as_deref().unwrap_or_default(),
            &self.maker,
            self.endorser.as_deref().unwrap_or_default(),
            self.state.as_str(),
        ];
        // No line feed is in any of them.
        hex::encode(Sha256::digest(said.join("\n")))
    }

    /// What becomes of it if `hand` ends it so.
    pub fn ended_by(&self, hand: &Hand, ending: Ending) -> Result<ProposalState, Barred> {
        let maker = Hand {
            account: self.maker.clone(),
            person: self.maker_person.clone(),
        };
        ending.of(self.state, &maker, hand)
    }

    /// Whether `hand` has taken part in it already: one person is one of the hands it takes (DYN-1).
    #[must_use]
    pub fn knows(&self, hand: &Hand) -> bool {
        let maker = Some((self.maker.as_str(), &self.maker_person));
        let endorser = self.endorser.as_deref();
        let endorser = endorser.map(|it| (it, &self.endorser_person));
        let mut hands = [maker, endorser].into_iter().flatten();
        hands.any(|it| is_one(it, (&hand.account, &hand.person)))
    }

    /// F30: the leaders of finance and of health approve a write-off; health has not yet.
    #[must_use]
    pub fn lacks_endorsement(&self) -> bool {
        self.kind == Kind::RecoveryWriteOff && self.endorser.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_read_by_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_code(kind.code()), Some(kind));
        }
    }
}
