//! Questions of the kinds `calendar` and `identifier`.

use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};
use time::Date;

use crate::iso_date;

/// A function with its argument and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Query {
    /// A calendar function.
    Calendar(CalendarQuery),
    /// A check digit.
    Identifier(IdentifierQuery),
}

/// A calendar function with its argument and value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(
    tag = "function",
    rename_all = "snake_case",
    deny_unknown_fields,
    expecting = "a calendar function with argument and value"
)]
pub enum CalendarQuery {
    /// Last day on which P1 can be lodged (R-P1-2, R-P1-3).
    P1LastDay {
        /// Birth date.
        #[serde(with = "iso_date")]
        born_on: Date,
        /// Value.
        #[serde(with = "iso_date")]
        expected: Date,
    },
    /// Last day counted as under three (R-DAT-3).
    LastDayUnderThree {
        /// Birth date.
        #[serde(with = "iso_date")]
        born_on: Date,
        /// Value.
        #[serde(with = "iso_date")]
        expected: Date,
    },
    /// Round of a family's claim (R-DAT-5).
    FamilyRound {
        /// Lodging date.
        #[serde(with = "iso_date")]
        lodged_on: Date,
        /// Value.
        expected: i32,
    },
    /// Round of an institution's claim (R-DAT-6).
    InstitutionRound {
        /// Lodging date.
        #[serde(with = "iso_date")]
        lodged_on: Date,
        /// Value.
        expected: i32,
    },
    /// Whole months of enrolment (R-DAT-4).
    WholeMonths {
        /// Spells, both days inside.
        spans: Vec<Span>,
        /// Value.
        expected: i64,
    },
    /// Months of a year for which the national subsidy is due to an earlier birth (R-N-8).
    MonthsDue {
        /// Birth date.
        #[serde(with = "iso_date")]
        born_on: Date,
        /// The year.
        year: i32,
        /// Value.
        expected: i32,
    },
    /// Last day of a public notice (R-DAT-7).
    NoticeLastDay {
        /// Day of posting.
        #[serde(with = "iso_date")]
        posted_on: Date,
        /// Value.
        #[serde(with = "iso_date")]
        expected: Date,
    },
}

impl CalendarQuery {
    /// Name of the function.
    #[must_use]
    pub const fn function(&self) -> &'static str {
        match self {
            Self::P1LastDay { .. } => "p1_last_day",
            Self::LastDayUnderThree { .. } => "last_day_under_three",
            Self::FamilyRound { .. } => "family_round",
            Self::InstitutionRound { .. } => "institution_round",
            Self::WholeMonths { .. } => "whole_months",
            Self::MonthsDue { .. } => "months_due",
            Self::NoticeLastDay { .. } => "notice_last_day",
        }
    }
}

/// What a calendar function says, and what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Value that the case expects.
    pub expected: String,
    /// Value of the function.
    pub got: String,
}

impl Answered {
    /// The two values as text.
    pub fn new(expected: impl ToString, got: impl ToString) -> Self {
        Self {
            expected: expected.to_string(),
            got: got.to_string(),
        }
    }
}

/// First and last day of a spell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Span(
    /// First day.
    #[serde(with = "iso_date")]
    pub Date,
    /// Last day.
    #[serde(with = "iso_date")]
    pub Date,
);

/// A number and whether its check digit is right.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "SCREAMING_SNAKE_CASE",
    deny_unknown_fields,
    expecting = "an identifier with its check"
)]
pub enum IdentifierQuery {
    /// Citizen number, GB 11643 (R-ID-1).
    CitizenId {
        /// The number.
        value: String,
        /// Whether it is well-formed and its check character right.
        check_digit_valid: bool,
    },
    /// Unified social credit code, GB 32100 (R-ID-2).
    Uscc {
        /// The code.
        value: String,
        /// Whether its check character is right.
        check_digit_valid: bool,
    },
}

/// Chosen by the key that names the question, so that an error speaks of that question's keys.
impl<'de> Deserialize<'de> for Query {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let keys = Map::deserialize(deserializer)?;
        let is_calendar = keys.contains_key("function");
        let value = Value::Object(keys);
        if is_calendar {
            serde_path_to_error::deserialize(value).map(Self::Calendar)
        } else {
            serde_path_to_error::deserialize(value).map(Self::Identifier)
        }
        .map_err(de::Error::custom)
    }
}
