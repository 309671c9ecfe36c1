//! Working days of the State Council's holiday notices (R-DAT-2).

use std::sync::LazyLock;

use sha2::{Digest, Sha256};
use thiserror::Error;
use time::{Date, Weekday};

use crate::dates;

/// What a holiday notice says of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayKind {
    /// A day off (休).
    Off,
    /// A Saturday or Sunday that is worked (班).
    MakeupWorkday,
}

/// Why a holiday table was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CalendarError {
    /// The table is not readable as CSV with the columns `date,name,kind,source`.
    #[error("holiday table is not readable: {0}")]
    Unreadable(String),
    /// A row has no valid date.
    #[error("holiday table line {line}: `{text}` is not a date written YYYY-MM-DD")]
    BadDate {
        /// Line in the file, from 1.
        line: u64,
        /// What stands there.
        text: String,
    },
    /// A row has an unknown kind.
    #[error("holiday table line {line}: kind `{text}` is neither `off` nor `makeup_workday`")]
    UnknownKind {
        /// Line in the file, from 1.
        line: u64,
        /// What stands there.
        text: String,
    },
    /// A make-up working day that is not a Saturday or Sunday.
    #[error("holiday table line {line}: {date} is no weekend and cannot be a make-up working day")]
    MakeupOnWeekday {
        /// Line in the file, from 1.
        line: u64,
        /// The date.
        date: Date,
    },
    /// The same date twice.
    #[error("holiday table names {date} twice")]
    Twice {
        /// The date.
        date: Date,
    },
}

/// A table of working days. A day without an entry is worked unless it is a Saturday or Sunday.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Sorted by date, each date once.
    days: Vec<(Date, DayKind)>,
    digest: String,
}

/// The tables as they were, the earliest first. A later notice is a table more: what was decided by
/// an earlier one is decided by it again.
const TABLES: [&str; 1] = [include_str!("../data/holidays_2024_2026.csv")];

static EMBEDDED: LazyLock<[Calendar; TABLES.len()]> = LazyLock::new(|| {
    TABLES.map(|table| Calendar::from_csv(table).expect("the embedded tables are tested"))
});

/// No run of days off is anywhere near this long; it bounds every search.
const LONGEST_RUN_DAYS: i64 = 366;

impl Calendar {
    /// The embedded notices of the State Council, as far as they are known today.
    #[must_use]
    pub fn china() -> &'static Self {
        let [.., latest] = &*EMBEDDED;
        latest
    }

    /// Every embedded table, the earliest first. By the earliest was decided what does not name its
    /// table.
    #[must_use]
    pub fn embedded() -> &'static [Self] {
        &*EMBEDDED
    }

    /// SHA-256 of the table as [`Self::to_csv`] writes it, in hexadecimal: which table it is.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Writes what [`Self::from_csv`] reads, without the names of the holidays and their sources.
    #[must_use]
    pub fn to_csv(&self) -> String {
        csv_of(&self.days)
    }

    /// Reads a table with the columns `date,name,kind,source`.
    pub fn from_csv(text: &str) -> Result<Self, CalendarError> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let unreadable = |error: csv::Error| CalendarError::Unreadable(error.to_string());
        let headers = reader.headers().map_err(unreadable)?;
        if headers.get(0) != Some("date") || headers.get(2) != Some("kind") {
            return Err(CalendarError::Unreadable(
                "the columns must be `date,name,kind,source`".to_owned(),
            ));
        }
        let mut days = Vec::new();
        for row in reader.records() {
            let row = row.map_err(unreadable)?;
            let line = row.position().map_or(0, csv::Position::line);
            let text = row.get(0).unwrap_or_default();
            let date = dates::parse(text).map_err(|error| CalendarError::BadDate {
                line,
                text: error.text,
            })?;
            let kind = match row.get(2).unwrap_or_default() {
                "off" => DayKind::Off,
                "makeup_workday" if is_weekend(date) => DayKind::MakeupWorkday,
                "makeup_workday" => return Err(CalendarError::MakeupOnWeekday { line, date }),
                other => {
                    return Err(CalendarError::UnknownKind {
                        line,
                        text: other.to_owned(),
                    });
                }
            };
            days.push((date, kind));
        }
        days.sort_by_key(|(date, _)| *date);
        for pair in days.windows(2) {
            if let [(first, _), (second, _)] = pair
                && first == second
            {
                return Err(CalendarError::Twice { date: *first });
            }
        }
        let digest = hex::encode(Sha256::digest(csv_of(&days)));
        Ok(Self { days, digest })
    }

    /// What the notices say of `date`, if anything.
    #[must_use]
    pub fn notice(&self, date: Date) -> Option<DayKind> {
        let index = self
            .days
            .binary_search_by_key(&date, |(day, _)| *day)
            .ok()?;
        self.days.get(index).map(|(_, kind)| *kind)
    }

    /// Whether the table holds a notice for any day of `year`. Without one only weekends count.
    #[must_use]
    pub fn has_notice_for(&self, year: i32) -> bool {
        self.days.iter().any(|(date, _)| date.year() == year)
    }

    /// The days of `year` that a notice names, in their order.
    pub fn notices_of(&self, year: i32) -> impl Iterator<Item = (Date, DayKind)> {
        self.days
            .iter()
            .copied()
            .filter(move |(date, _)| date.year() == year)
    }

    /// Whether offices work on `date`.
    #[must_use]
    pub fn is_working_day(&self, date: Date) -> bool {
        match self.notice(date) {
            Some(DayKind::Off) => false,
            Some(DayKind::MakeupWorkday) => true,
            None => !is_weekend(date),
        }
    }

    /// R-DAT-2: `date`, or the next working day if it is a day off (applicants' periods).
    #[must_use]
    pub fn next_working_day_on_or_after(&self, date: Date) -> Date {
        self.nearest(date, 1)
    }

    /// R-DAT-2: `date`, or the last working day before if it is a day off (offices' deadlines).
    #[must_use]
    pub fn last_working_day_on_or_before(&self, date: Date) -> Date {
        self.nearest(date, -1)
    }

    /// The `count`-th working day after `date` (before it if negative); `date` itself is not
    /// counted. Nought gives `date`.
    #[must_use]
    pub fn add_working_days(&self, date: Date, count: i32) -> Date {
        let step = i64::from(count.signum());
        (0..count.unsigned_abs()).fold(date, |day, _| {
            self.nearest(dates::add_days(day, step), step)
        })
    }

    fn nearest(&self, date: Date, step: i64) -> Date {
        (0..LONGEST_RUN_DAYS)
            .map(|days| dates::add_days(date, days * step))
            .find(|day| self.is_working_day(*day))
            .unwrap_or(date)
    }
}

fn csv_of(days: &[(Date, DayKind)]) -> String {
    let header = "date,name,kind,source\n".to_owned();
    days.iter().fold(header, |csv, (date, kind)| {
        let kind = match kind {
            DayKind::Off => "off",
            DayKind::MakeupWorkday => "makeup_workday",
        };
        csv + &dates::format(*date) + ",," + kind + ",\n"
    })
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;

    use super::*;

    #[test]
    fn windows_roll_over_holidays() {
        let china = Calendar::china();
        assert_eq!(
            china.next_working_day_on_or_after(date!(2025 - 05 - 31)),
            date!(2025 - 06 - 03)
        );
        assert_eq!(
            china.next_working_day_on_or_after(date!(2026 - 02 - 16)),
            date!(2026 - 02 - 24)
        );
        assert_eq!(
            china.last_working_day_on_or_before(date!(2026 - 05 - 31)),
            date!(2026 - 05 - 29)
        );
        assert!(
            china.is_working_day(date!(2024 - 02 - 04)),
            "a Sunday worked"
        );
        assert!(!china.has_notice_for(2027));
    }

    #[test]
    fn working_days_are_counted_from_the_day_after() {
        let china = Calendar::china();
        assert_eq!(
            china.add_working_days(date!(2025 - 09 - 30), 1),
            date!(2025 - 10 - 09)
        );
        assert_eq!(
            china.add_working_days(date!(2025 - 10 - 31), -3),
            date!(2025 - 10 - 28)
        );
    }

    #[test]
    fn bad_tables_are_refused_with_their_line() {
        let table = |row: &str| Calendar::from_csv(&format!("date,name,kind,source\n{row}\n"));
        assert!(matches!(
            table("2024-2-1,a,off,"),
            Err(CalendarError::BadDate { line: 2, .. })
        ));
        assert!(matches!(
            table("2024-02-01,a,holiday,"),
            Err(CalendarError::UnknownKind { line: 2, .. })
        ));
        assert!(matches!(
            table("2024-02-01,a,makeup_workday,"),
            Err(CalendarError::MakeupOnWeekday { line: 2, .. })
        ));
        assert!(matches!(
            table("2024-02-01,a,off,\n2024-02-01,a,off,"),
            Err(CalendarError::Twice { .. })
        ));
    }

    #[test]
    fn a_table_is_known_by_its_days() {
        let china = Calendar::china();
        let written = Calendar::from_csv(&china.to_csv());
        assert_eq!(written.as_ref(), Ok(china));
        let one_more = china.to_csv() + "2027-01-01,元旦,off,\n";
        let one_more = Calendar::from_csv(&one_more).expect("a table");
        assert_ne!(one_more.digest(), china.digest());
        assert!(Calendar::embedded().contains(china));
        // What was decided before evidence named its table was decided by this one.
        let earliest = Calendar::embedded().first().map(Calendar::digest);
        assert_eq!(
            earliest,
            Some("cc15c81fc3c69aceabf5496ba8693b6abcc790ec5110ee60164da2ad25271cd6")
        );
    }

    proptest! {
        #[test]
        fn rolling_is_monotone_and_lands_on_a_working_day(day in 2_460_000_i32..2_462_500) {
            let date = Date::from_julian_day(day).expect("in range");
            let china = Calendar::china();
            let rolled = china.next_working_day_on_or_after(date);
            prop_assert!(rolled >= date && china.is_working_day(rolled));
            prop_assert!(rolled <= china.next_working_day_on_or_after(dates::add_days(date, 1)));
            let back = china.last_working_day_on_or_before(date);
            prop_assert!(back <= date && china.is_working_day(back));
        }
    }
}
