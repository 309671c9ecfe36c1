//! Calendar arithmetic of R-DAT-1. A date is a Beijing date; there is no clock here.

use thiserror::Error;
use time::{Date, Month, util::days_in_month};

/// A text that is not an ISO 8601 calendar date.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not a date written YYYY-MM-DD")]
pub struct DateError {
    /// The text that was read.
    pub text: String,
}

/// Reads `YYYY-MM-DD`.
pub fn parse(text: &str) -> Result<Date, DateError> {
    let read = || {
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 10
            && bytes.iter().enumerate().all(|(index, byte)| match index {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !shaped {
            return None;
        }
        let year = text.get(0..4)?.parse().ok()?;
        let month: u8 = text.get(5..7)?.parse().ok()?;
        let day = text.get(8..10)?.parse().ok()?;
        Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
    };
    read().ok_or_else(|| DateError {
        text: text.to_owned(),
    })
}

/// Writes `YYYY-MM-DD`.
#[must_use]
pub fn format(date: Date) -> String {
    let mut text = String::with_capacity("YYYY-MM-DD".len());
    push_number(&mut text, date.year(), 4);
    text.push('-');
    push_number(&mut text, u8::from(date.month()).into(), 2);
    text.push('-');
    push_number(&mut text, date.day().into(), 2);
    text
}

/// Writes the date in Chinese, e.g. `2025年3月31日`.
#[must_use]
pub fn format_chinese(date: Date) -> String {
    let mut text = String::with_capacity("YYYY年MM月DD日".len());
    push_number(&mut text, date.year(), 1);
    text.push('年');
    push_number(&mut text, u8::from(date.month()).into(), 1);
    text.push('月');
    push_number(&mut text, date.day().into(), 1);
    text.push('日');
    text
}

/// Writes at least `width` digits. Every finding of a decision holds dates, and this takes a
/// fraction of the time of a format string.
fn push_number(text: &mut String, number: i32, width: u32) {
    if number < 0 {
        text.push('-');
    }
    let number = number.unsigned_abs();
    let mut place = 10_u32.pow(width.saturating_sub(1));
    while number / place >= 10 {
        place *= 10;
    }
    while place > 0 {
        let digit = u8::try_from(number / place % 10).unwrap_or(0);
        text.push(char::from(b'0' + digit));
        place /= 10;
    }
}

/// The first day of `year`; the range of [`Date`] bounds it.
#[must_use]
pub fn year_start(year: i32) -> Date {
    month_day(year, Month::January, 1)
}

/// The last day of `year`; the range of [`Date`] bounds it.
#[must_use]
pub fn year_end(year: i32) -> Date {
    month_day(year, Month::December, 31)
}

/// The day of `year` named by month and day; where the month has no such day, its last day.
#[must_use]
pub fn month_day(year: i32, month: Month, day: u8) -> Date {
    if year > Date::MAX.year() {
        return Date::MAX;
    }
    if year < Date::MIN.year() {
        return Date::MIN;
    }
    let day = day.clamp(1, days_in_month(month, year));
    Date::from_calendar_date(year, month, day).unwrap_or(Date::MAX)
}

/// The corresponding day `years` later (earlier if negative); 29 February becomes 28 February
/// where there is none.
#[must_use]
pub fn add_years(date: Date, years: i32) -> Date {
    month_day(date.year().saturating_add(years), date.month(), date.day())
}

/// The corresponding day `months` later (earlier if negative), or the last day of that month
/// where there is none.
#[must_use]
pub fn add_months(date: Date, months: i32) -> Date {
    let month_index =
        i64::from(date.year()) * 12 + i64::from(u8::from(date.month()) - 1) + i64::from(months);
    let year = i32::try_from(month_index.div_euclid(12)).unwrap_or(i32::MAX);
    let month = u8::try_from(month_index.rem_euclid(12) + 1)
        .ok()
        .and_then(|number| Month::try_from(number).ok())
        .unwrap_or(Month::December);
    month_day(year, month, date.day())
}

/// The day `days` later (earlier if negative), kept inside the range of [`Date`].
#[must_use]
pub fn add_days(date: Date, days: i64) -> Date {
    date.saturating_add(time::Duration::days(days))
}

/// A length of time in the sense of R-DAT-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Whole years (年).
    Years(i32),
    /// Whole months (月).
    Months(i32),
    /// Calendar days (天).
    Days(i64),
}

/// R-DAT-1 (Civil Code 201, 202): the last day of a period that starts on `from`. The day it
/// starts on is not counted; the period ends at the close of the corresponding day.
#[must_use]
pub fn period_end(from: Date, period: Period) -> Date {
    match period {
        Period::Years(years) => add_years(from, years),
        Period::Months(months) => add_months(from, months),
        Period::Days(days) => add_days(from, days),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;

    use super::*;

    #[test]
    fn a_year_from_leap_day_ends_on_28_february() {
        let end = period_end(date!(2024 - 02 - 29), Period::Years(1));
        assert_eq!(end, date!(2025 - 02 - 28));
        assert_eq!(add_years(date!(2024 - 02 - 29), 4), date!(2028 - 02 - 29));
    }

    #[test]
    fn months_are_clamped_to_the_end_of_the_month() {
        assert_eq!(add_months(date!(2024 - 11 - 30), 3), date!(2025 - 02 - 28));
        assert_eq!(add_months(date!(2024 - 03 - 31), -1), date!(2024 - 02 - 29));
        assert_eq!(add_months(date!(2024 - 12 - 31), 1), date!(2025 - 01 - 31));
    }

    #[test]
    fn only_iso_dates_are_read() {
        for text in [
            "2024-2-29",
            "20240229",
            "2023-02-29",
            "2024-13-01",
            "２０24-01-01",
            "",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(format_chinese(date!(2025 - 03 - 31)), "2025年3月31日");
        assert_eq!(format_chinese(date!(2025 - 10 - 01)), "2025年10月1日");
        assert_eq!(format(date!(0042 - 10 - 09)), "0042-10-09");
    }

    proptest! {
        #[test]
        fn text_round_trips(day in 1_721_060_i32..5_373_484) {
            let date = Date::from_julian_day(day).expect("in range");
            prop_assert_eq!(parse(&format(date)), Ok(date));
        }

        #[test]
        fn adding_months_is_monotone(day in 2_400_000_i32..2_500_000, months in -400_i32..400) {
            let date = Date::from_julian_day(day).expect("in range");
            let next = add_days(date, 1);
            prop_assert!(add_months(date, months) <= add_months(next, months));
            prop_assert!(add_months(date, months) <= add_months(date, months + 1));
        }
    }
}
