//! Claims as lodged, and what is known of their course.

use serde::Deserialize;
use time::Date;
use yuhui_kernel::DivisionCode;

use crate::{Programme, case_file::strict, iso_date};

/// A claim as lodged: P1 and P2 name applicant and children, P3 and P4 the institution.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    /// Symbolic id.
    pub id: String,
    /// Programme.
    #[serde(deserialize_with = "strict::word")]
    pub programme: Programme,
    /// Who applies.
    #[serde(default)]
    pub applicant: Option<String>,
    /// For which children.
    #[serde(default)]
    pub children: Vec<String>,
    /// Which institution applies.
    #[serde(default)]
    pub institution: Option<String>,
    /// County it is lodged in.
    pub county: DivisionCode,
    /// Lodging date.
    #[serde(with = "iso_date")]
    pub lodged_on: Date,
    /// Subsidy year of P2 and P3.
    #[serde(default)]
    pub subsidy_year: Option<i32>,
}

/// Days of confirmation and payment of one application.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessDays {
    /// The application.
    pub application: String,
    /// Confirmation, if not on the default day.
    #[serde(default, with = "iso_date::option")]
    pub confirmed_on: Option<Date>,
    /// Payment, if not on the default day.
    #[serde(default, with = "iso_date::option")]
    pub paid_on: Option<Date>,
}

/// What an inquiry established.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TaintedBy {
    /// 骗取补贴.
    Fraud,
}

/// A finding against an application.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaintedApplication {
    /// The application.
    pub application: String,
    /// What was established.
    #[serde(deserialize_with = "strict::word")]
    pub kind: TaintedBy,
    /// On which day.
    #[serde(with = "iso_date")]
    pub found_on: Date,
}
