//! 授权委托 (DYN-7): written, dated, at most thirty days.

use yuhui_kernel::{Date, dates};
use yuhui_platform::refusal::Violation;

/// Most days of a delegation, the first and the last counted.
const MOST_DAYS: i64 = 30;

/// Where a delegation stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its first day is still to come.
    Coming,
    /// The deputy may act.
    InForce,
    /// Its last day has passed.
    Ended,
    /// Ended before that.
    Revoked,
}

impl State {
    /// The name in refusals.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Coming => "COMING",
            Self::InForce => "IN_FORCE",
            Self::Ended => "ENDED",
            Self::Revoked => "REVOKED",
        }
    }
}

/// The days of a delegation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

impl Term {
    /// Reads a term as it is asked for today; nothing is delegated for days that have passed.
    pub fn read(from: &str, to: &str, today: Date) -> Result<Self, Vec<Violation>> {
        let no_day = |field| Violation::new(field, "不是日期", "is no date");
        let (from, to) = match (dates::parse(from), dates::parse(to)) {
            (Ok(from), Ok(to)) => (from, to),
            (from, to) => {
                let faults = [(from.is_err(), "from_on"), (to.is_err(), "to_on")];
                let faults = faults.into_iter().filter(|(is_wrong, _)| *is_wrong);
                return Err(faults.map(|(_, field)| no_day(field)).collect());
            }
        };
        let mut faults = Vec::new();
        if from < today {
            faults.push(Violation::new(
                "from_on",
                "不得早于今天",
                "must not be before today",
            ));
        }
        if to < from || to > dates::add_days(from, MOST_DAYS - 1) {
            faults.push(Violation::new(
                "to_on",
                "期限须为 1 至 30 日（DYN-7）",
                "must be the first day or later, and the thirtieth at the latest (DYN-7)",
            ));
        }
        if faults.is_empty() {
            Ok(Self { from, to })
        } else {
            Err(faults)
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn state(self, is_revoked: bool, today: Date) -> State {
        match is_revoked {
            true => State::Revoked,
            false if today < self.from => State::Coming,
            false if today > self.to => State::Ended,
            false => State::InForce,
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn read(from: &str, to: &str) -> Result<Term, usize> {
        Term::read(from, to, date!(2025 - 07 - 01)).map_err(|it| it.len())
    }

    #[test]
    fn a_term_begins_today_or_later_and_has_thirty_days_at_most() {
        let longest = read("2025-07-01", "2025-07-30").expect("thirty days");
        assert_eq!(longest.to, date!(2025 - 07 - 30));
        assert!(read("2025-07-05", "2025-07-05").is_ok());
        assert_eq!(read("2025-07-01", "2025-07-31"), Err(1), "thirty-one");
        assert_eq!(read("2025-06-30", "2025-07-02"), Err(1), "dated back");
        assert_eq!(read("2025-07-03", "2025-07-02"), Err(1), "backwards");
        assert_eq!(read("tomorrow", ""), Err(2));
    }

    #[test]
    fn it_ends_by_itself() {
        let term = read("2025-07-02", "2025-07-03").expect("two days");
        let on = |day| term.state(false, day);
        assert_eq!(on(date!(2025 - 07 - 01)), State::Coming);
        assert_eq!(on(date!(2025 - 07 - 03)), State::InForce);
        assert_eq!(on(date!(2025 - 07 - 04)), State::Ended);
        assert_eq!(term.state(true, date!(2025 - 07 - 02)), State::Revoked);
    }
}
