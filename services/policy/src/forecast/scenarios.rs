//! The outlook of one county, programme by programme.

use yuhui_kernel::Money;

use super::{
    Assumptions, Permille,
    figures::{Counted, CountyFigures, LastRound},
    round_half_up, share, times,
};
use crate::pack::Parameters;

/// A number of children or awards, and their money.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Need {
    /// Children (P1, P2), children counted (P3) or awards (P4).
    pub count: u64,
    /// Amount.
    pub amount: Money,
}

/// The three scenarios.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scenarios {
    /// If few come.
    pub low: Need,
    /// As things stand.
    pub middle: Need,
    /// If many come.
    pub high: Need,
}

impl Need {
    fn plus(self, other: Self) -> Option<Self> {
        Some(Self {
            count: self.count.checked_add(other.count)?,
            amount: self.amount.checked_add(other.amount)?,
        })
    }
}

impl Scenarios {
    /// Nothing.
    pub(super) const NONE: Self = {
        let nothing = Need {
            count: 0,
            amount: Money::ZERO,
        };
        Self {
            low: nothing,
            middle: nothing,
            high: nothing,
        }
    };

    pub(super) fn plus(self, other: &Self) -> Option<Self> {
        Some(Self {
            low: self.low.plus(other.low)?,
            middle: self.middle.plus(other.middle)?,
            high: self.high.plus(other.high)?,
        })
    }

    /// One scenario after the other.
    fn each(need: impl Fn(Scenario) -> Option<Need>) -> Option<Self> {
        Some(Self {
            low: need(Scenario::Low)?,
            middle: need(Scenario::Middle)?,
            high: need(Scenario::High)?,
        })
    }
}

/// Which of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scenario {
    Low,
    Middle,
    High,
}

impl Scenario {
    const fn of(self, permille: Permille) -> u32 {
        match self {
            Self::Low => permille.low,
            Self::Middle => permille.middle,
            Self::High => permille.high,
        }
    }
}

/// What one county looks forward to.
#[derive(Clone, Copy)]
pub(super) struct Outlook<'a> {
    pub(super) p: &'a Parameters,
    pub(super) round: i32,
    pub(super) births_through: i32,
    pub(super) figures: &'a CountyFigures,
    pub(super) assumptions: &'a Assumptions,
}

/// Birth years that make the children under three of a year.
const COHORTS: i32 = 3;
/// Months of births that the first round takes up (2024-01 to 2025-03), against those of a year.
const FIRST_ROUND_MONTHS: u128 = 15;
const MONTHS: u128 = 12;

impl Outlook<'_> {
    /// P1: second and third children born in the year before the round; after the policy years,
    /// those of its last year who come late.
    pub(super) fn p1(&self) -> Option<Scenarios> {
        let year = self.round - 1;
        let last = self.p.policy_period_to.year();
        let late = year == last.saturating_add(1);
        if year < self.p.policy_period_from.year() || (year > last && !late) {
            return Some(Scenarios::NONE);
        }
        let a = self.assumptions;
        let born = if late { last } else { year };
        let assumed = |scenario: Scenario| {
            let mut shares = vec![
                scenario.of(a.second_and_third),
                scenario.of(a.take_up),
                self.hukou(scenario),
            ];
            if late {
                shares.push(scenario.of(a.run_off));
            }
            share(self.children(born, scenario)?, &shares)
        };
        let (low, high) = (assumed(Scenario::Low)?, assumed(Scenario::High)?);
        let observed = |round: &LastRound| {
            if late {
                return None;
            }
            let counted = round.second.count.checked_add(round.third.count)?;
            let first_round = self.round - 1 == self.p.policy_first_round;
            let months = if first_round {
                FIRST_ROUND_MONTHS
            } else {
                MONTHS
            };
            self.as_before(born, counted, year - 1, months)
        };
        let middle = self.middle(assumed(Scenario::Middle)?, observed, low, high);
        let third = self.third_among_paid();
        Scenarios::each(|scenario| {
            let count = match scenario {
                Scenario::Low => low,
                Scenario::Middle => middle,
                Scenario::High => high,
            };
            let third = round_half_up(u128::from(count).checked_mul(third.0)?, third.1)?;
            let second = count.checked_sub(third)?;
            let of_second = times(self.p.p1_amount.second, second)?;
            let of_third = times(self.p.p1_amount.third, third)?;
            Some(Need {
                count,
                amount: of_second.checked_add(of_third)?,
            })
        })
    }

    /// P2: children under three in nursery for three months of the year before the round.
    pub(super) fn p2(&self) -> Option<Scenarios> {
        let year = self.round - 1;
        if !self.is_subsidy_year(year) {
            return Some(Scenarios::NONE);
        }
        let a = self.assumptions;
        let assumed = |scenario: Scenario| {
            let cohorts = (year - COHORTS + 1)..=year;
            let children = cohorts
                .map(|born| self.children(born, scenario))
                .try_fold(0_u64, |sum, born| sum.checked_add(born?))?;
            let shares = [
                scenario.of(a.in_nursery),
                scenario.of(a.three_months),
                self.hukou(scenario),
            ];
            share(children, &shares)
        };
        let (low, high) = (assumed(Scenario::Low)?, assumed(Scenario::High)?);
        let observed = |round: &LastRound| Some(round.p2.count);
        let middle = self.middle(assumed(Scenario::Middle)?, observed, low, high);
        Scenarios::each(|scenario| {
            let count = match scenario {
                Scenario::Low => low,
                Scenario::Middle => middle,
                Scenario::High => high,
            };
            let amount = times(self.p.p2_amount, count)?;
            Some(Need { count, amount })
        })
    }

    /// P3: the children counted in the round before, more or fewer.
    pub(super) fn p3(&self) -> Option<Scenarios> {
        let before = self.figures.last_round.unwrap_or_default().p3.count;
        if !self.is_subsidy_year(self.round - 1) {
            return Some(Scenarios::NONE);
        }
        Scenarios::each(|scenario| {
            let count = share(before, &[scenario.of(self.assumptions.nursery_trend)])?;
            let amount = times(self.p.p3_amount, count)?;
            Some(Need { count, amount })
        })
    }

    /// P4: honours not yet rewarded, and while honours can still be granted, new ones like those of
    /// the round before.
    pub(super) fn p4(&self) -> Option<Scenarios> {
        let a = self.assumptions;
        let pending = self.figures.honours_pending;
        let last_round = self.figures.last_round.unwrap_or_default();
        let still_granted = self.round - 1 <= self.p.p4_honour_to.year();
        Scenarios::each(|scenario| {
            let claimed = scenario.of(a.pending_claimed);
            let levels = [
                (pending.national, self.p.p4_amount.national),
                (pending.regional, self.p.p4_amount.regional),
                (pending.municipal, self.p.p4_amount.municipal),
            ];
            let mut need = Need::default();
            for (honours, amount) in levels {
                let count = share(honours, &[claimed])?;
                let amount = times(amount, count)?;
                need = need.plus(Need { count, amount })?;
            }
            if still_granted {
                let trend = scenario.of(a.awards_trend);
                need = need.plus(Need {
                    count: share(last_round.p4.count, &[trend])?,
                    amount: last_round.p4.amount.ratio_half_up(i64::from(trend), 1000)?,
                })?;
            }
            Some(need)
        })
    }

    fn is_subsidy_year(&self, year: i32) -> bool {
        let (from, to) = (self.p.policy_period_from, self.p.policy_period_to);
        (from.year()..=to.year()).contains(&year)
    }

    /// Births counted in hospitals lose those registered elsewhere.
    fn hukou(&self, scenario: Scenario) -> u32 {
        match self.figures.counted {
            Counted::ByHukou => 1000,
            Counted::ByBirth => scenario.of(self.assumptions.hukou_share),
        }
    }

    /// Children of a birth year: as counted, or the last year counted moved by the trend.
    fn children(&self, born: i32, scenario: Scenario) -> Option<u64> {
        let counted = born.min(self.births_through);
        let children = self.counted(counted);
        let gap = usize::try_from(born.checked_sub(counted)?).ok()?;
        share(
            children,
            &vec![scenario.of(self.assumptions.births_trend); gap],
        )
    }

    fn counted(&self, born: i32) -> u64 {
        self.figures.births.get(&born).copied().unwrap_or(0)
    }

    /// As many of the children born in `born` as `paid` were of those born in `months` from `then` on.
    fn as_before(&self, born: i32, paid: u64, then: i32, months: u128) -> Option<u64> {
        let base = self.counted(then);
        if base == 0 {
            return None;
        }
        let now = self.children(born, Scenario::Middle)?;
        let numerator = u128::from(now)
            .checked_mul(u128::from(paid))?
            .checked_mul(MONTHS)?;
        round_half_up(numerator, u128::from(base).checked_mul(months)?)
    }

    /// The middle: the round before where there is one, never beyond low and high.
    fn middle(
        &self,
        assumed: u64,
        observed: impl Fn(&LastRound) -> Option<u64>,
        low: u64,
        high: u64,
    ) -> u64 {
        let last = self.figures.last_round.as_ref();
        let middle = last.and_then(observed).unwrap_or(assumed);
        middle.clamp(low.min(high), high)
    }

    /// Third children among those paid: of the round before, or assumed.
    fn third_among_paid(&self) -> (u128, u128) {
        let last = self.figures.last_round.unwrap_or_default();
        let (second, third) = (last.second.count, last.third.count);
        let both = u128::from(second) + u128::from(third);
        if both == 0 {
            let assumed = self.assumptions.third_among_paid.middle;
            (u128::from(assumed), 1000)
        } else {
            (u128::from(third), both)
        }
    }
}
