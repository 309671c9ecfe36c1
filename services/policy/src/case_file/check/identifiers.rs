//! Check digits of citizen numbers and credit codes.

use yuhui_kernel::{CitizenNumber, CreditCode};

use super::Differences;
use crate::case_file::{Case, IdentifierQuery, Query};

pub(super) fn check(case: &Case, differences: &mut Differences<'_>) {
    for (index, query) in case.queries.iter().enumerate() {
        let Query::Identifier(query) = query else {
            continue;
        };
        let (expected, got) = match query {
            // A citizen number with a wrong check character is none (R-ID-1).
            IdentifierQuery::CitizenId {
                value,
                check_digit_valid,
            } => (*check_digit_valid, CitizenNumber::parse(value).is_ok()),
            // A credit code may break the standard and still be in force (R-ID-2).
            IdentifierQuery::Uscc {
                value,
                check_digit_valid,
            } => (
                *check_digit_valid,
                CreditCode::parse(value).is_ok_and(|code| code.check_digit_valid()),
            ),
        };
        let place = format!("queries[{index}]");
        differences.compare(&place, "check_digit_valid", expected, got);
    }
}
