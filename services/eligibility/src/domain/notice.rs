//! Public notices (公示, C.5): seven days, the posting day not counted (R-DAT-7).

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use time::Date;
use uuid::Uuid;
use yuhui_kernel::{DivisionCode, DivisionLevel, Money, Tenant, dates};
use yuhui_policy::{Class, Programme};

use super::{Case, State, iso_date, private::mask_name};

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
    /// Day it was taken down.
    #[serde(default, with = "iso_date::option")]
    pub closed_on: Option<Date>,
    /// Proof of posting: photo, place, dates.
    pub proof: String,
    /// Documents of it that prove the posting (C.5).
    #[serde(default)]
    pub documents: Vec<Uuid>,
    /// Who posted it.
    pub posted_by: String,
    /// What is shown: never numbers, accounts, the child's full name. Who claims is sealed apart.
    pub lines: Vec<NoticeLine>,
    /// SHA-256 over what anybody reads of it; empty of notices that were posted before there was one.
    #[serde(default)]
    pub digest: String,
}

/// A line of a notice (annexes 5 and 8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeLine {
    /// The case.
    pub case: Uuid,
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

impl NoticeLine {
    /// The line of a case.
    pub fn of(case: &Case) -> Self {
        Self {
            case: case.id,
            division: case.unit,
            programme: case.programme,
            grounds: grounds(case),
            amount: case.amount(),
        }
    }
}

/// Class, year or head-count, as printed on notices and rosters.
pub fn grounds(case: &Case) -> String {
    let found = case.outcome.as_ref().map(|it| &it.found);
    match case.programme {
        Programme::P1 => {
            let class = found.and_then(|it| it.class);
            class.map(Class::chinese).unwrap_or_default().into()
        }
        Programme::P2 | Programme::N1 => format!("{}年度", case.subsidy_year),
        Programme::P3 => {
            let headcount = found.and_then(|it| it.headcount).unwrap_or_default();
            format!("{}年度 {headcount}人", case.subsidy_year)
        }
        Programme::P4 => "示范托育机构".into(),
    }
}

/// Resource name of a notice.
pub fn name(tenant: Tenant, id: Uuid) -> String {
    format!("counties/{}/notices/{id}", tenant.as_str())
}

impl Notice {
    /// Resource name.
    pub fn name(&self) -> String {
        name(self.tenant, self.id)
    }

    /// Names of the claimants of its lines as anybody reads them: institutions are public (D.2), persons masked.
    pub fn masked(&self, claimants: &[String]) -> Vec<String> {
        let lines = self.lines.iter().zip(claimants);
        lines
            .map(|(line, name)| match line.programme.is_family() {
                true => mask_name(name),
                false => name.clone(),
            })
            .collect()
    }

    /// The digest over what anybody reads of it.
    pub fn digest_of(&self, claimants: &[String]) -> String {
        let (unit, first, last) = (&self.unit, self.posted_on, self.last_on);
        let (first, last) = (dates::format(first), dates::format(last));
        let mut digest = Sha256::new_with_prefix(format!("{unit}\t{first}\t{last}\n"));
        let masked = self.masked(claimants);
        for (number, (line, name)) in (1..).zip(self.lines.iter().zip(masked)) {
            let (division, programme) = (&line.division, line.programme.code());
            let (grounds, fen) = (&line.grounds, line.amount.fen());
            let line = format!("{number}\t{name}\t{division}\t{programme}\t{grounds}\t{fen}\n");
            digest.update(line);
        }
        hex::encode(digest.finalize())
    }

    /// Whether anybody reads it on that day, and may object (C.5).
    pub fn is_in_force(&self, today: Date) -> bool {
        !self.closed && !self.is_over(today)
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
