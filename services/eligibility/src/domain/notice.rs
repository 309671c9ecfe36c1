//! Public notices (公示, C.5): seven days, the posting day not counted (R-DAT-7).

use serde::{Deserialize, Serialize};
use time::Date;
use uuid::Uuid;
use yuhui_kernel::{DivisionCode, DivisionLevel, Money, Tenant};
use yuhui_policy::Programme;

use super::{State, iso_date};

/// A notice on the board of one unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Id inside the tenant.
    pub id: Uuid,
    /// County.
    pub tenant: Tenant,
    /// Unit that posts it.
    pub unit: DivisionCode,
    /// Day of posting.
    #[serde(with = "iso_date")]
    pub posted_on: Date,
    /// Last day of objections.
    #[serde(with = "iso_date")]
    pub last_on: Date,
    /// Taken down with proof.
    pub closed: bool,
    /// Proof of posting: photo, place, dates.
    pub proof: String,
    /// Who posted it.
    pub posted_by: String,
    /// What is shown: never numbers, accounts, the child's full name.
    pub lines: Vec<NoticeLine>,
}

/// A line of a notice (annexes 5 and 8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeLine {
    /// The case.
    pub case: Uuid,
    /// Claimant or institution.
    pub claimant: String,
    /// Its village or township.
    pub division: DivisionCode,
    /// Programme.
    pub programme: Programme,
    /// Class, year or head-count, in Chinese.
    pub grounds: String,
    /// Amount proposed.
    pub amount: Money,
}

/// State of the cases a unit of this level posts, if it posts notices at all.
pub const fn posted_state(level: DivisionLevel) -> Option<State> {
    match level {
        DivisionLevel::Village => Some(State::VNotice),
        DivisionLevel::Township => Some(State::TNotice),
        DivisionLevel::County => Some(State::CNotice),
        DivisionLevel::Province | DivisionLevel::Prefecture => None,
    }
}

impl Notice {
    /// Resource name.
    pub fn name(&self) -> String {
        format!("counties/{}/notices/{}", self.tenant.as_str(), self.id)
    }

    /// Seven days are over once the last day has passed.
    pub fn is_over(&self, today: Date) -> bool {
        today > self.last_on
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_village_township_and_county_post() {
        assert_eq!(posted_state(DivisionLevel::Village), Some(State::VNotice));
        assert_eq!(posted_state(DivisionLevel::Prefecture), None);
    }
}
