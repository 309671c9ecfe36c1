//! Totals by round and county, and who bears them.

use std::collections::BTreeMap;

use yuhui_kernel::{DivisionCode, Money};

use super::Differences;
use crate::{
    Determination, Law,
    case_file::{Case, ExpectedTotal},
};

/// The totals that a case expects, and what they come to.
pub(super) struct Totals<'a> {
    expected: &'a [ExpectedTotal],
    /// By round and county; none if it is too much to add up.
    sums: BTreeMap<(i32, DivisionCode), Option<Money>>,
}

impl<'a> Totals<'a> {
    pub(super) fn of(case: &'a Case) -> Self {
        let rows = case.expected_totals.iter();
        let rows = rows.map(|row| ((row.round, row.county), Some(Money::ZERO)));
        Self {
            expected: &case.expected_totals,
            sums: rows.collect(),
        }
    }

    /// Adds a claim. What was recovered later was confirmed and paid in its round all the same.
    pub(super) fn add(&mut self, county: DivisionCode, got: &Determination) {
        let row = got
            .round
            .and_then(|round| self.sums.get_mut(&(round, county)));
        if let Some(sum) = row {
            *sum = sum.and_then(|sum| Money::total([sum, got.amount]));
        }
    }

    pub(super) fn check<L: Law>(&self, law: &L, differences: &mut Differences<'_>) {
        for expected in self.expected {
            let place = format!("{} {}", expected.round, expected.county);
            let sum = self.sums.get(&(expected.round, expected.county));
            let Some(total) = sum.copied().flatten() else {
                let told = "too much to add up";
                differences.add(&place, "total_fen", expected.total.fen(), told);
                continue;
            };
            // A file of a law that shares nothing has no totals: it was refused when it was read.
            let (city, county) = law.shares(total).unwrap_or_default();
            let rows = [
                ("total_fen", expected.total, total),
                ("city_share_fen", expected.city_share, city),
                ("county_share_fen", expected.county_share, county),
            ];
            for (field, expected, got) in rows {
                differences.compare(&place, field, expected.fen(), got.fen());
            }
        }
    }
}
