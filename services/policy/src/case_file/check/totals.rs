//! Totals by round and county, and who bears them.

use yuhui_kernel::Money;

use super::Differences;
use crate::{
    Law,
    case_file::{Case, Played},
};

pub(super) fn check<L: Law>(
    case: &Case,
    law: &L,
    played: &[Played],
    differences: &mut Differences<'_>,
) {
    for expected in &case.expected_totals {
        let place = format!("{} {}", expected.round, expected.county);
        // What was recovered later was confirmed and paid in its round all the same.
        let of_row = played.iter().filter(|played| {
            played.determination.round == Some(expected.round)
                && played.claim.county == expected.county
        });
        let Some(total) = Money::total(of_row.map(|played| played.determination.amount)) else {
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
