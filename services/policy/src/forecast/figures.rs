//! What a county knows when it forecasts.

use std::collections::BTreeMap;

use yuhui_kernel::{DivisionCode, Money};

/// How children were counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Children with a hukou in the county, by the register.
    ByHukou,
    /// Births in the county, by its hospitals: not all of them are registered here.
    ByBirth,
}

/// Claims paid in a round.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Paid {
    /// Children (P1, P2), children counted (P3) or awards (P4).
    pub count: u64,
    /// Amount.
    pub amount: Money,
}

/// The round before, as confirmed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LastRound {
    /// P1: second children.
    pub second: Paid,
    /// P1: third children.
    pub third: Paid,
    /// P2: children.
    pub p2: Paid,
    /// P3: children counted.
    pub p3: Paid,
    /// P4: awards.
    pub p4: Paid,
}

/// Honours granted inside the policy years and not yet rewarded, by level.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HonoursPending {
    /// 国家.
    pub national: u64,
    /// 自治区.
    pub regional: u64,
    /// 市级.
    pub municipal: u64,
}

/// The figures of one county.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountyFigures {
    /// The county.
    pub county: DivisionCode,
    /// Children by birth year; a year that is missing has none.
    pub births: BTreeMap<i32, u64>,
    /// How they were counted.
    pub counted: Counted,
    /// The round before the one forecast; `None` if there was none.
    pub last_round: Option<LastRound>,
    /// Honours not yet rewarded.
    pub honours_pending: HonoursPending,
}
