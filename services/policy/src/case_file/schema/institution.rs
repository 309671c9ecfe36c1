//! Institutions and the stays of children in them.

use std::collections::BTreeMap;

use serde::Deserialize;
use time::Date;
use yuhui_kernel::DivisionCode;

use crate::{
    case_file::strict,
    facts::{HonourLevel, InstitutionKind},
    iso_date,
};

/// Registrar of an institution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RegisteredWith {
    /// 民政.
    CivilAffairs,
    /// 市场监管.
    MarketRegulation,
    /// 编办.
    PublicInstitutionRegistry,
}

/// An institution with its dated record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Institution {
    /// Symbolic id.
    pub id: String,
    /// Kind.
    #[serde(deserialize_with = "strict::word")]
    pub kind: InstitutionKind,
    /// County of registration and filing.
    pub county: DivisionCode,
    /// Registrar.
    #[serde(default, deserialize_with = "strict::word_or_null")]
    pub registered_with: Option<RegisteredWith>,
    /// Registration.
    #[serde(default, with = "iso_date::option")]
    pub registered_on: Option<Date>,
    /// 备案.
    #[serde(default, with = "iso_date::option")]
    pub filed_on: Option<Date>,
    /// Approval by the education bureau.
    #[serde(default, with = "iso_date::option")]
    pub education_approved_on: Option<Date>,
    /// 普惠认定.
    #[serde(default, with = "iso_date::option")]
    pub inclusive_recognised_on: Option<Date>,
    /// Places; no rule reads them.
    #[serde(default)]
    pub licensed_places: Option<u32>,
    /// Suspensions of service.
    #[serde(default, deserialize_with = "strict::objects")]
    pub suspensions: Vec<Suspension>,
    /// Honours.
    #[serde(default, deserialize_with = "strict::objects")]
    pub honours: Vec<Honour>,
    /// The education bureau's certificate per subsidy year.
    #[serde(default)]
    pub certified_headcount: BTreeMap<i32, u32>,
}

/// A suspension, both days inside.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suspension {
    /// First day.
    #[serde(with = "iso_date")]
    pub from: Date,
    /// Last day.
    #[serde(default, with = "iso_date::option")]
    pub to: Option<Date>,
}

/// An honour.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Honour {
    /// Level.
    #[serde(deserialize_with = "strict::word")]
    pub level: HonourLevel,
    /// Date granted.
    #[serde(with = "iso_date")]
    pub granted_on: Date,
}

/// A stay: of a named child, or of `count` equal children born on one day.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    /// The named child.
    #[serde(default)]
    pub child: Option<String>,
    /// Size of the anonymous group.
    #[serde(default)]
    pub count: Option<u32>,
    /// Birth date of the anonymous group.
    #[serde(default, with = "iso_date::option")]
    pub born_on: Option<Date>,
    /// The institution.
    pub institution: String,
    /// First day.
    #[serde(with = "iso_date")]
    pub from: Date,
    /// Last day.
    #[serde(default, with = "iso_date::option")]
    pub to: Option<Date>,
    /// Fee receipts and agreement cover the stay.
    pub fee_receipts: bool,
    /// Remark.
    #[serde(default)]
    pub note: Option<String>,
}
