//! Stays of children in an institution.

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
    fn a_year_reaches_to_its_end_or_to_today() {
        let today = date!(2025 - 05 - 31);
        assert_eq!(Span::of_year(2024, today).to_on, date!(2024 - 12 - 31));
        assert_eq!(Span::of_year(2025, today).to_on, today);
        assert_eq!(Span::of_year(0, today).from_on, today);
    }
}
