//! What is claimed, and how far the case has come.

use serde::{Deserialize, Serialize};
use time::Date;
use yuhui_kernel::DivisionCode;

use crate::{Policy, iso_date};

/// The subsidies: the four of 126号 一, and the national one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Programme {
    /// 二孩、三孩家庭育儿补贴 `一(一)1`.
    P1,
    /// 入托孩子家庭生均补贴 `一(一)2`.
    P2,
    /// 托育机构生均运营补贴 `一(二)3`.
    P3,
    /// 示范托育机构奖励补贴 `一(二)4`.
    P4,
    /// 育儿补贴, the national childcare subsidy (国卫办人口发〔2025〕24号).
    N1,
}

impl Programme {
    /// Stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
            Self::P4 => "P4",
            Self::N1 => "N1",
        }
    }

    /// The programme of that name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::P1, Self::P2, Self::P3, Self::P4, Self::N1]
            .into_iter()
            .find(|it| it.code() == code)
    }

    /// Words of the law.
    pub const fn chinese(self) -> &'static str {
        match self {
            Self::P1 => "二孩、三孩家庭育儿补贴",
            Self::P2 => "入托孩子家庭生均补贴",
            Self::P3 => "托育机构生均运营补贴",
            Self::P4 => "示范托育机构奖励补贴",
            Self::N1 => "国家育儿补贴",
        }
    }

    /// The same in English.
    #[must_use]
    pub const fn english(self) -> &'static str {
        match self {
            Self::P1 => "childcare subsidy for second and third children",
            Self::P2 => "subsidy for families of children in nursery",
            Self::P3 => "operating subsidy of nurseries by child",
            Self::P4 => "award of demonstration nurseries",
            Self::N1 => "national childcare subsidy",
        }
    }

    /// The law that grants it.
    #[must_use]
    pub const fn policy(self) -> Policy {
        match self {
            Self::P1 | Self::P2 | Self::P3 | Self::P4 => Policy::Baotou126,
            Self::N1 => Policy::NationalChildcare,
        }
    }

    /// Whether families claim it, for a child; institutions claim the others.
    #[must_use]
    pub const fn is_family(self) -> bool {
        matches!(self, Self::P1 | Self::P2 | Self::N1)
    }

    /// The programme of that name.
    pub fn parse(code: &str) -> Option<Self> {
        Some(match code {
            "P1" => Self::P1,
            "P2" => Self::P2,
            "P3" => Self::P3,
            "P4" => Self::P4,
            "N1" => Self::N1,
            _ => return None,
        })
    }
}

/// One claim: one child (P1, P2, N1) or one institution (P3, P4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Id of the claim; findings of fraud name it.
    pub id: String,
    /// Programme.
    pub programme: Programme,
    /// Reference of the claimant: a person, or the institution itself.
    pub claimant: String,
    /// Reference of the child (P1, P2, N1) or the institution (P3, P4).
    pub subject: String,
    /// County it is lodged in.
    pub county: DivisionCode,
    /// Lodging date.
    #[serde(with = "iso_date")]
    pub lodged_on: Date,
    /// Subsidy year of P2, P3 and N1.
    pub subsidy_year: Option<i32>,
    /// Day on which the claimant took the claim over from one who died (C.7): what he is to the child is
    /// looked at on that day, everything else on the day of lodging.
    #[serde(
        default,
        with = "iso_date::option",
        skip_serializing_if = "Option::is_none"
    )]
    pub taken_over_on: Option<Date>,
}

impl Claim {
    /// The day on which it counts what the claimant is to the child.
    pub(crate) fn stands_on(&self) -> Date {
        self.taken_over_on.unwrap_or(self.lodged_on)
    }
}

/// How far a case has come; rules read no fact later than these days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Day of confirmation (B.2 steps 14 and 15), `None` before.
    #[serde(with = "iso_date::option")]
    pub confirmed_on: Option<Date>,
    /// Day of the pre-payment check or payment (steps 16 and 17), `None` before.
    #[serde(with = "iso_date::option")]
    pub paid_on: Option<Date>,
    /// True once the bank has credited it: later fraud is step 19.
    pub paid: bool,
    /// Today, in business time: findings later than this are not known.
    #[serde(with = "iso_date")]
    pub known_on: Date,
}
