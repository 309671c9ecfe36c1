//! How an institution used the money of a round (三(三)2(5), I6).

use serde::Serialize;
use sha2::{Digest as _, Sha256};
use yuhui_kernel::Money;

/// A report on the use of the money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UseReport {
    /// Round the money was paid in.
    pub round: i32,
    /// Spent on operations, as it must be.
    pub operating: Money,
    /// Spent on anything else.
    pub other: Money,
    /// Explanation.
    pub note: String,
}

impl UseReport {
    /// SHA-256 of what is reported, hex: who reviews it states what he has seen.
    pub fn digest(&self) -> Result<String, serde_json::Error> {
        let content = serde_json::to_vec(self)?;
        Ok(hex::encode(Sha256::digest(content)))
    }
}

/// What the county finds of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// 用于托育机构运营方面支出.
    Proper,
    /// 挪用: an inquiry follows, then 五(三)3.
    Diverted,
}

impl Verdict {
    /// The name in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proper => "PROPER",
            Self::Diverted => "DIVERTED",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Proper, Self::Diverted]
            .into_iter()
            .find(|it| it.as_str() == text)
    }
}

/// A review of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Review {
    /// What was found.
    pub verdict: Verdict,
    /// In words.
    pub words: String,
    /// Account that reviewed it.
    pub by: String,
}
