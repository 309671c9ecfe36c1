//! What the registers of a case do not tell.

use serde::Deserialize;
use time::Date;

use crate::{
    case_file::strict,
    facts::{Candidate, FactKind, Gap, GapState},
    iso_date,
};

/// The stage at which a case is looked at. One that names none is looked at when all is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Stage {
    /// Lodging.
    F1,
    /// The village signs.
    F7,
    /// The township signs.
    F10,
    /// The county proposes.
    F12,
    /// The county confirms.
    F13,
    /// The check before payment.
    F20,
}

/// A fact that is not known, whatever the case lists: what it covers is hidden from the rules.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unknown {
    /// What.
    #[serde(deserialize_with = "strict::word")]
    pub fact: FactKind,
    /// Of whom.
    pub subject: String,
    /// Why.
    #[serde(deserialize_with = "strict::word")]
    pub state: GapState,
    /// First day on which it is not known.
    #[serde(default, with = "iso_date::option")]
    pub from: Option<Date>,
    /// Last day on which it is not known.
    #[serde(default, with = "iso_date::option")]
    pub to: Option<Date>,
    /// `CONTRADICTED`: what each of those who contradict one another says.
    #[serde(default)]
    pub candidates: Vec<Candidate>,
}

/// A register that does not answer at all, or is behind its time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silent {
    /// The register, as answers name it.
    pub register: String,
    /// Why.
    #[serde(deserialize_with = "strict::word")]
    pub state: GapState,
    /// `STALE`: the day after the last one it knows.
    #[serde(default, with = "iso_date::option")]
    pub from: Option<Date>,
}

impl Unknown {
    /// As the rules read it.
    #[must_use]
    pub fn gap(&self) -> Gap {
        Gap {
            fact: self.fact,
            subject: self.subject.clone(),
            state: self.state,
            register: self.fact.register().to_owned(),
            from: self.from,
            to: self.to,
            candidates: self.candidates.clone(),
        }
    }
}
