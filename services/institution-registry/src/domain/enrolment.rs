//! Stays of children in an institution.

use sha2::{Digest as _, Sha256};
use time::{Date, macros::date};
use yuhui_kernel::dates;

/// No stay is older.
const EARLIEST: Date = date!(1900 - 01 - 01);

/// A stay, closed on both ends. The child is named by blind reference only:
/// nobody who reads the register of institutions needs to know who it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Enrolment {
    /// Blind reference of the child.
    pub child_ref: String,
    /// First day.
    pub from_on: Date,
    /// Last day; `None` if it lasts.
    pub to_on: Option<Date>,
    /// Birth date of the child.
    pub child_born_on: Date,
    /// Fee receipts and agreement cover the stay.
    pub fee_receipts: bool,
}

/// What stays amount to: SHA-256, hex, over a line for each, in order.
#[must_use]
pub fn digest(mut stays: Vec<Enrolment>) -> String {
    stays.sort();
    let mut hasher = Sha256::new();
    for it in stays {
        let to_on = it.to_on.map(dates::format).unwrap_or_default();
        hasher.update(format!(
            "{}|{}|{to_on}|{}|{}\n",
            it.child_ref,
            dates::format(it.from_on),
            dates::format(it.child_born_on),
            it.fee_receipts,
        ));
    }
    hex::encode(hasher.finalize())
}

/// The days a question is about, closed on both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First day.
    pub from_on: Date,
    /// Last day.
    pub to_on: Date,
}

impl Span {
    /// The part of a subsidy year that is known by `today`; year 0 asks for
    /// today alone (P4).
    #[must_use]
    pub fn of_year(subsidy_year: i32, today: Date) -> Self {
        if subsidy_year == 0 {
            return Self {
                from_on: today,
                to_on: today,
            };
        }
        Self {
            from_on: dates::year_start(subsidy_year),
            to_on: dates::year_end(subsidy_year).min(today),
        }
    }

    /// Everything up to `today`.
    #[must_use]
    pub fn until(today: Date) -> Self {
        Self {
            from_on: EARLIEST,
            to_on: today,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_tells_every_part_of_a_stay_and_no_order() {
        let stay = Enrolment {
            child_ref: "a".into(),
            from_on: date!(2024 - 03 - 01),
            to_on: None,
            child_born_on: date!(2022 - 06 - 05),
            fee_receipts: true,
        };
        let closed = Enrolment {
            to_on: Some(date!(2024 - 06 - 30)),
            ..stay.clone()
        };
        let unpaid = Enrolment {
            fee_receipts: false,
            ..stay.clone()
        };
        let known = digest(vec![stay.clone()]);
        assert_ne!(known, digest(vec![closed.clone()]));
        assert_ne!(known, digest(vec![unpaid]));
        assert_ne!(known, digest(Vec::new()));
        let both = digest(vec![stay.clone(), closed.clone()]);
        assert_eq!(both, digest(vec![closed, stay]));
    }

    #[test]
    fn a_year_reaches_to_its_end_or_to_today() {
        let today = date!(2025 - 05 - 31);
        assert_eq!(Span::of_year(2024, today).to_on, date!(2024 - 12 - 31));
        assert_eq!(Span::of_year(2025, today).to_on, today);
        assert_eq!(Span::of_year(0, today).from_on, today);
    }
}
