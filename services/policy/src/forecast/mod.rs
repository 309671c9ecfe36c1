//! 五(二)6: “根据各类奖补资金标准，预测下一年度补贴资金需求” — what the next round needs, by county and
//! programme, low, middle and high. Integers throughout: counts are rounded half up once, money is
//! counts times the amounts of the pack.
//!
//! The basis is what the county counted; where it has no round of its own yet, the shares assumed.
//! The middle follows the round before as far as it lies between low and high.

mod assumptions;
mod figures;
mod scenarios;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use thiserror::Error;
use yuhui_kernel::{DivisionCode, Money};

pub use assumptions::{Assumption, Assumptions, Permille};
pub use figures::{Counted, CountyFigures, HonoursPending, LastRound, Paid};
pub use scenarios::{Need, Scenarios};

use crate::{PolicyPack, Programme};
use scenarios::Outlook;

/// What the next round needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// The round.
    pub round: i32,
    /// Version of the pack whose amounts and period it rests on.
    pub pack_version: String,
    /// Need of every county and programme.
    pub cells: BTreeMap<(DivisionCode, Programme), Scenarios>,
    /// What was assumed.
    pub assumptions: Vec<Assumption>,
}

/// Why there is no forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ForecastError {
    /// Low is above middle, or middle above high.
    #[error("the assumption `{0}` is not in order, low to high")]
    Disorder(&'static str),
    /// Two entries for one county.
    #[error("{0} is there twice")]
    Twice(DivisionCode),
    /// Figures that no country has.
    #[error("the figures are too large to add up")]
    TooMuch,
}

/// Forecasts `round` from the figures of the counties. `births_through` is the last year whose births
/// are counted to its end.
///
/// # Errors
/// [`ForecastError`] for assumptions out of order, a county given twice, or figures that do not fit.
pub fn forecast(
    pack: &PolicyPack,
    round: i32,
    births_through: i32,
    counties: &[CountyFigures],
    assumptions: &Assumptions,
) -> Result<Forecast, ForecastError> {
    if let Some(key) = assumptions.disorder() {
        return Err(ForecastError::Disorder(key));
    }
    let mut cells = BTreeMap::new();
    for figures in counties {
        let outlook = Outlook {
            p: &pack.parameters,
            round,
            births_through,
            figures,
            assumptions,
        };
        let needs = [
            (Programme::P1, outlook.p1()),
            (Programme::P2, outlook.p2()),
            (Programme::P3, outlook.p3()),
            (Programme::P4, outlook.p4()),
        ];
        for (programme, need) in needs {
            let need = need.ok_or(ForecastError::TooMuch)?;
            if cells.insert((figures.county, programme), need).is_some() {
                return Err(ForecastError::Twice(figures.county));
            }
        }
    }
    Ok(Forecast {
        round,
        pack_version: pack.version().to_owned(),
        cells,
        assumptions: assumptions.list(),
    })
}

impl Forecast {
    /// The need of all counties and programmes.
    pub fn total(&self) -> Result<Scenarios, ForecastError> {
        self.sum(|_, _| true)
    }

    /// The need of a county.
    pub fn of_county(&self, county: DivisionCode) -> Result<Scenarios, ForecastError> {
        self.sum(|own, _| own == county)
    }

    /// The need of a programme.
    pub fn of_programme(&self, programme: Programme) -> Result<Scenarios, ForecastError> {
        self.sum(|_, own| own == programme)
    }

    fn sum(
        &self,
        wanted: impl Fn(DivisionCode, Programme) -> bool,
    ) -> Result<Scenarios, ForecastError> {
        let cells = self.cells.iter();
        cells
            .filter(|((county, programme), _)| wanted(*county, *programme))
            .try_fold(Scenarios::NONE, |sum, (_, cell)| sum.plus(cell))
            .ok_or(ForecastError::TooMuch)
    }
}

/// `count × thousandths`, as many times as there are thousandths, rounded half up once.
fn share(count: u64, permille: &[u32]) -> Option<u64> {
    const WHOLE: u128 = 1000;
    let mut product = u128::from(count);
    let mut whole = 1_u128;
    for thousandths in permille {
        product = product.checked_mul(u128::from(*thousandths))?;
        whole = whole.checked_mul(WHOLE)?;
    }
    round_half_up(product, whole)
}

/// `numerator ÷ denominator`, rounded half up.
fn round_half_up(numerator: u128, denominator: u128) -> Option<u64> {
    let doubled = numerator.checked_mul(2)?.checked_add(denominator)?;
    let rounded = doubled.checked_div(denominator.checked_mul(2)?)?;
    u64::try_from(rounded).ok()
}

/// `count` times `amount`.
fn times(amount: Money, count: u64) -> Option<Money> {
    amount.checked_mul(i64::try_from(count).ok()?)
}
