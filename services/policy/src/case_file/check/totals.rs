//! Totals by round and county, and who bears them.

use yuhui_kernel::Money;

use super::Differences;
use crate::case_file::{Case, Played};

pub(super) fn check(case: &Case, played: &[Played], differences: &mut Differences<'_>) {
    for expected in &case.expected_totals {
        let place = format!("{} {}", expected.round, expected.county);
        // What was recovered later was confirmed and paid in its round all the same.
        let of_row = played.iter().filter(|played| {
            played.determination.round == Some(expected.round)
                && played.claim.county == expected.county
        });
        let Some(total) = Money::total(of_row.map(|played| played.determination.amount)) else {
            differences.add(
                &place,
                "total_fen",
                expected.total.fen(),
                "too much to add up",
            );
            continue;
        };
        let (city, county) = total.city_county_shares();
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
