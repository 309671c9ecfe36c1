//! The keys of a case file, as they stand in it.

mod application;
mod family;
mod institution;
mod unknown;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};
use yuhui_kernel::{DivisionCode, Money};

pub use application::{Application, ProcessDays, TaintedApplication, TaintedBy};
pub use family::{
    Adoption, Birth, BornChild, Custody, EndedBy, Guardianship, Hukou, Marriage, NationalPayment,
    Person, Sex,
};
pub use institution::{Enrolment, Honour, Institution, RegisteredWith, Suspension};
pub use unknown::{Silent, Stage, Unknown};

use crate::facts::Model;

use super::{Expected, ExpectedTotal, LedgerEvent, Query, strict};

/// What a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A family and its claims.
    Family,
    /// Institutions and their claims.
    Institution,
    /// Events of a county book and the balances after them.
    Funding,
    /// Periods, rounds and months.
    Calendar,
    /// Check digits.
    Identifier,
}

/// One case. Which keys belong to which kind is checked when the file is read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Unique in the file.
    pub id: String,
    /// Kind.
    #[serde(deserialize_with = "strict::word")]
    pub kind: Kind,
    /// What it is about.
    pub title: String,
    /// Why the answer is what it is.
    #[serde(default)]
    pub why: String,
    /// Rules it exercises.
    #[serde(default)]
    pub rules: Vec<String>,
    /// Parameters that differ from the default.
    #[serde(default)]
    pub params: Map<String, Value>,
    /// Parents, children, guardians, former spouses.
    #[serde(default, deserialize_with = "strict::objects")]
    pub persons: Vec<Person>,
    /// Hukou history.
    #[serde(default, deserialize_with = "strict::objects")]
    pub hukou: Vec<Hukou>,
    /// Marriages.
    #[serde(default, deserialize_with = "strict::objects")]
    pub marriages: Vec<Marriage>,
    /// One entry per delivery (胎).
    #[serde(default, deserialize_with = "strict::objects")]
    pub births: Vec<Birth>,
    /// Adoptions, in either direction.
    #[serde(default, deserialize_with = "strict::objects")]
    pub adoptions: Vec<Adoption>,
    /// Custody after divorce or outside marriage.
    #[serde(default, deserialize_with = "strict::objects")]
    pub custody: Vec<Custody>,
    /// Guardianships.
    #[serde(default, deserialize_with = "strict::objects")]
    pub guardianships: Vec<Guardianship>,
    /// Payments of the national childcare subsidy, made here or elsewhere.
    #[serde(default, deserialize_with = "strict::objects")]
    pub national_payments: Vec<NationalPayment>,
    /// Institutions.
    #[serde(default, deserialize_with = "strict::objects")]
    pub institutions: Vec<Institution>,
    /// Stays of named children and of groups of equal children.
    #[serde(default, deserialize_with = "strict::objects")]
    pub enrolments: Vec<Enrolment>,
    /// Claims lodged.
    #[serde(default, deserialize_with = "strict::objects")]
    pub applications: Vec<Application>,
    /// Days of confirmation and payment where they differ from the default.
    #[serde(default, deserialize_with = "strict::objects")]
    pub process: Vec<ProcessDays>,
    /// Fraud found.
    #[serde(default, deserialize_with = "strict::objects")]
    pub findings: Vec<TaintedApplication>,
    /// What is to be decided.
    #[serde(default, deserialize_with = "strict::objects")]
    pub expected: Vec<Expected>,
    /// Totals by round and county.
    #[serde(default, deserialize_with = "strict::objects")]
    pub expected_totals: Vec<ExpectedTotal>,
    /// Facts that are not known, whatever the lists above say.
    #[serde(default, deserialize_with = "strict::objects")]
    pub gaps: Vec<Unknown>,
    /// Registers that do not answer, or are behind their time.
    #[serde(default, deserialize_with = "strict::objects")]
    pub silent: Vec<Silent>,
    /// The stage at which the claims are looked at; none: when all is over.
    #[serde(default, deserialize_with = "strict::word_or_null")]
    pub stage: Option<Stage>,
    /// How an absence is read: 1, or 2 (facts in three states).
    #[serde(default)]
    pub model: Model,
    /// County whose book the events are posted to (`funding`).
    #[serde(default)]
    pub county: Option<DivisionCode>,
    /// Events in order (`funding`).
    #[serde(default, deserialize_with = "strict::objects")]
    pub ledger_events: Vec<LedgerEvent>,
    /// Balances after the last event by account; debit positive, zero left out (`funding`).
    #[serde(default)]
    pub expected_balances: BTreeMap<String, Money>,
    /// Functions with argument and value (`calendar`, `identifier`).
    #[serde(default)]
    pub queries: Vec<Query>,
}
