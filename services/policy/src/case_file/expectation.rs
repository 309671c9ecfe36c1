//! What a case expects.

use serde::Deserialize;
use yuhui_kernel::{Citation, DivisionCode, Money};

use super::strict;
use crate::{Class, Decision, Programme, Reason};

/// What is to be decided on one child or institution of one application.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The application.
    pub application: String,
    /// The child (P1, P2).
    #[serde(default)]
    pub child: Option<String>,
    /// The institution (P3, P4).
    #[serde(default)]
    pub institution: Option<String>,
    /// Decision.
    #[serde(deserialize_with = "strict::word")]
    pub decision: Decision,
    /// Primary reason; none for PAY.
    #[serde(default, deserialize_with = "strict::word_or_null")]
    pub reason: Option<Reason>,
    /// Class of the child (P1), compared if given.
    #[serde(default, deserialize_with = "strict::word_or_null")]
    pub class: Option<Class>,
    /// Children counted (P3), compared if given.
    #[serde(default)]
    pub headcount: Option<u32>,
    /// Amount confirmed and paid.
    #[serde(rename = "amount_fen")]
    pub amount: Money,
    /// Who is paid how much.
    #[serde(default, deserialize_with = "strict::objects")]
    pub payees: Vec<ExpectedPayee>,
    /// Payment year, compared if given.
    #[serde(default)]
    pub round: Option<i32>,
    /// Amount to be recovered; nought if left out.
    #[serde(default, rename = "clawback_fen")]
    pub clawback: Money,
    /// Clauses the letter must cite; it may cite more.
    #[serde(default)]
    pub cites: Vec<Citation>,
}

impl Expected {
    /// The child or institution decided on.
    pub fn subject(&self) -> Option<&str> {
        self.child.as_deref().or(self.institution.as_deref())
    }
}

/// An amount due to one payee.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedPayee {
    /// Person or institution.
    pub payee: String,
    /// Amount.
    #[serde(rename = "amount_fen")]
    pub amount: Money,
}

/// What a county pays in a round, and who bears it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedTotal {
    /// Payment year.
    pub round: i32,
    /// County.
    pub county: DivisionCode,
    /// Total.
    #[serde(rename = "total_fen")]
    pub total: Money,
    /// City's half (R-MON-2).
    #[serde(rename = "city_share_fen")]
    pub city_share: Money,
    /// County's half.
    #[serde(rename = "county_share_fen")]
    pub county_share: Money,
}

/// One event of a county book. Its postings are the ledger's business.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerEvent {
    /// Name of the event, e.g. `CONFIRM_ROSTER`.
    #[serde(rename = "type")]
    pub event: String,
    /// Programme, where the event needs one.
    #[serde(default, deserialize_with = "strict::word_or_null")]
    pub programme: Option<Programme>,
    /// Amount.
    #[serde(rename = "amount_fen")]
    pub amount: Money,
}
