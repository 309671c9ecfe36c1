//! Persons, and what happens between them.

use serde::Deserialize;
use time::Date;
use yuhui_kernel::{DivisionCode, Money};

use crate::{case_file::strict, iso_date};

/// Sex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Sex {
    /// 女.
    F,
    /// 男.
    M,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Symbolic id.
    pub id: String,
    /// Sex.
    #[serde(deserialize_with = "strict::word")]
    pub sex: Sex,
    /// Birth date.
    #[serde(with = "iso_date")]
    pub born_on: Date,
    /// Date of death.
    #[serde(default, with = "iso_date::option")]
    pub died_on: Option<Date>,
}

/// A period of hukou, both days inside.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hukou {
    /// Whose.
    pub person: String,
    /// County, inside Baotou or not.
    pub county: DivisionCode,
    /// First day.
    #[serde(with = "iso_date")]
    pub from: Date,
    /// Last day.
    #[serde(default, with = "iso_date::option")]
    pub to: Option<Date>,
}

/// How a marriage ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EndedBy {
    /// 离婚.
    Divorce,
    /// 丧偶.
    Death,
}

/// A marriage; it is no longer in force on `to`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marriage {
    /// The two spouses.
    pub spouses: [String; 2],
    /// Registration date.
    #[serde(with = "iso_date")]
    pub from: Date,
    /// First day on which it is no longer in force.
    #[serde(default, with = "iso_date::option")]
    pub to: Option<Date>,
    /// How it ended.
    #[serde(default, deserialize_with = "strict::word_or_null")]
    pub ended_by: Option<EndedBy>,
}

/// A delivery (胎).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Birth {
    /// Name of the delivery.
    pub delivery: String,
    /// Mother.
    pub mother: String,
    /// Father, if known.
    #[serde(default)]
    pub father: Option<String>,
    /// Birth-service registration (生育服务登记); never registered if null.
    #[serde(default, with = "iso_date::option")]
    pub birth_service_registered_on: Option<Date>,
    /// Children.
    #[serde(deserialize_with = "strict::objects")]
    pub children: Vec<BornChild>,
}

/// A child of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BornChild {
    /// The child.
    pub id: String,
    /// Birth date.
    #[serde(with = "iso_date")]
    pub born_on: Date,
    /// Order inside the delivery, from 1.
    pub order: u32,
    /// False for a stillbirth.
    pub live: bool,
}

/// An adoption.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adoption {
    /// The child.
    pub child: String,
    /// The adopters.
    pub adopters: Vec<String>,
    /// Date.
    #[serde(with = "iso_date")]
    pub on: Date,
}

/// Custody and actual care.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Custody {
    /// The child.
    pub child: String,
    /// Who holds custody (抚养权).
    #[serde(default)]
    pub holders: Vec<String>,
    /// Who actually cares (实际照料).
    #[serde(default)]
    pub actual_carers: Vec<String>,
    /// First day.
    #[serde(with = "iso_date")]
    pub from: Date,
    /// Last day.
    #[serde(default, with = "iso_date::option")]
    pub to: Option<Date>,
    /// Agreement or judgment it rests on; no rule reads it.
    #[serde(default)]
    pub basis: Option<String>,
}

/// A guardianship.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guardianship {
    /// The child.
    pub child: String,
    /// The guardian.
    pub guardian: String,
    /// First day.
    #[serde(with = "iso_date")]
    pub from: Date,
    /// Last day.
    #[serde(default, with = "iso_date::option")]
    pub to: Option<Date>,
}

/// A payment of the national childcare subsidy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NationalPayment {
    /// For which child.
    pub child: String,
    /// Amount.
    #[serde(rename = "amount_fen")]
    pub amount: Money,
    /// Day.
    #[serde(with = "iso_date")]
    pub on: Date,
    /// Year it is for, if not that of the day.
    #[serde(default)]
    pub year: Option<i32>,
}
