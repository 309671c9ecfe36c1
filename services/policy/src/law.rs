//! What a law is to everything that plays, compares and forecasts: parameters, and how claims are
//! decided under them.

use std::fmt;

use serde_json::{Map, Value};
use time::Date;
use yuhui_kernel::{Calendar, Money};

use crate::{
    Claim, Decided, Determination, Facts, Programme, Progress,
    case_file::{Answered, CalendarQuery},
    pack::{Pack, PackError},
};

/// The laws there are packs of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Policy {
    /// 包府办发〔2024〕126号: P1 to P4.
    Baotou126,
    /// 国卫办人口发〔2025〕24号: N1.
    NationalChildcare,
}

impl Policy {
    /// Every law.
    pub const ALL: [Self; 2] = [Self::Baotou126, Self::NationalChildcare];

    /// How `[pack] policy` names it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Baotou126 => "baotou-126",
            Self::NationalChildcare => "national-childcare",
        }
    }

    /// Number of the document (文号), as case files name it.
    #[must_use]
    pub const fn document(self) -> &'static str {
        match self {
            Self::Baotou126 => "包府办发〔2024〕126号",
            Self::NationalChildcare => "国卫办人口发〔2025〕24号",
        }
    }

    /// The law of that key.
    #[must_use]
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.key() == key)
    }

    /// The law of that document.
    #[must_use]
    pub fn of_document(document: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|policy| policy.document() == document)
    }

    /// Its programmes.
    #[must_use]
    pub const fn programmes(self) -> &'static [Programme] {
        match self {
            Self::Baotou126 => &[Programme::P1, Programme::P2, Programme::P3, Programme::P4],
            Self::NationalChildcare => &[Programme::N1],
        }
    }
}

/// The parameters of a law, and the law itself.
pub trait Law: Clone + fmt::Debug + PartialEq + Sized {
    /// Which law.
    const POLICY: Policy;

    /// Parameters that versions written before they existed do not name, each with the value by
    /// which such a version decided: its decisions replay to the byte.
    const ADDED: &'static [(&'static str, i64)];

    /// Reads all parameters by dotted name; unknown and missing ones are refused.
    fn read(values: &Map<String, Value>) -> Result<Self, PackError>;

    /// Writes them as they are read.
    fn to_map(&self) -> Map<String, Value>;

    /// Refuses values that contradict one another.
    fn check(&self) -> Result<(), PackError>;

    /// Decides a claim and tells why, rule by rule.
    fn determine(
        pack: &Pack<Self>,
        calendar: &Calendar,
        facts: &Facts,
        claim: &Claim,
        progress: &Progress,
    ) -> Determination;

    /// Decides a claim, without findings.
    fn decide(
        pack: &Pack<Self>,
        calendar: &Calendar,
        facts: &Facts,
        claim: &Claim,
        progress: &Progress,
    ) -> Decided;

    /// The round (payment year) of a claim, whatever is decided.
    fn round(pack: &Pack<Self>, calendar: &Calendar, claim: &Claim) -> i32;

    /// The day on which a claim of that round is confirmed if nobody is late.
    fn confirmed_on(calendar: &Calendar, claim: &Claim, round: i32) -> Date;

    /// The day on which a claim of that round is paid that is confirmed on that day.
    fn paid_on(round: i32, confirmed_on: Date) -> Date;

    /// What the city and the county bear of a county's total of a round; `None` where they do not
    /// share.
    fn shares(&self, total: Money) -> Option<(Money, Money)>;

    /// Answers a calendar question; `None` if the law knows no such function.
    fn ask(pack: &Pack<Self>, calendar: &Calendar, query: &CalendarQuery) -> Option<Answered>;
}
