//! 现场核查 (I3): what the township found on the premises.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use time::Date;
use yuhui_kernel::Hand;

use super::change::iso_date;

/// The price list, as it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PriceList {
    /// 与承诺的普惠收托价格一致.
    AsPromised,
    /// Others are charged.
    Other,
    /// 未公示.
    NotShown,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// Day on which it was looked at.
    #[serde(with = "iso_date")]
    pub inspected_on: Date,
    /// Children present (在托人数).
    pub children_present: i32,
    /// Of them, children of three and more.
    pub over_three: i32,
    /// The price list.
    pub price_list: PriceList,
    /// What else was found.
    pub findings: String,
}

/// An inspection as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its id.
    pub id: uuid::Uuid,
    /// What was found.
    pub inspection: Inspection,
    /// Who recorded it.
    pub by: Hand,
    /// When.
    pub recorded_on: Date,
    /// Account that signed it, and when.
    pub signed: Option<(String, Date)>,
}

impl Inspection {
    /// SHA-256 of what was found, hex: who signs states what he has seen.
    pub fn digest(&self) -> Result<String, serde_json::Error> {
        let content = serde_json::to_vec(self)?;
        Ok(hex::encode(Sha256::digest(content)))
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn another_finding_has_another_digest() {
        let found = Inspection {
            inspected_on: date!(2025 - 06 - 10),
            children_present: 30,
            over_three: 0,
            price_list: PriceList::AsPromised,
            findings: "正常收托".into(),
        };
        let other = Inspection {
            over_three: 1,
            ..found.clone()
        };
        let digest = |it: &Inspection| it.digest().expect("plain");
        assert_eq!(digest(&found), digest(&found.clone()));
        assert_ne!(digest(&found), digest(&other));
    }
}
