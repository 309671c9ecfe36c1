//! The year of C.1: when the stages of a round end, and the last day on which a notice can be
//! posted so that its seven days are over in time.

use time::{Date, Month};
use yuhui_kernel::{Calendar, dates};
use yuhui_policy::{PolicyPack, rules::dates as rules};

/// Working days an office has for what reaches it too late for the end of its stage: R-PRC-3 lets
/// such a case go on, and the office that was late is flagged, not the next one.
const OWN_TERM_WORKING_DAYS: i32 = 10;

/// Longest look back for a posting day; no notice and no holiday is near it.
const LOOK_BACK_DAYS: i64 = 60;

/// The stages of a round whose end the law fixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// 初审并公示, 四(一)2.
    Village,
    /// 复审并公示, 四(一)3.
    Township,
    /// 审核确认、公示、上报, 四(一)4, 四(二)2.
    County,
    /// 备案, 四(一)5.
    City,
    /// 资金拨付, 五(二)3.
    Finance,
    /// 发放, 五(二)4.
    Bank,
}

impl Stage {
    /// Day of the year named by the law.
    const fn named(self) -> (Month, u8) {
        match self {
            Self::Village => (Month::April, 30),
            Self::Township => (Month::May, 31),
            Self::County => (Month::July, 31),
            Self::City => (Month::August, 15),
            Self::Finance => (Month::September, 30),
            Self::Bank => (Month::October, 31),
        }
    }
}

/// What a stage is measured by: a day of the year, or the office's own term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Last day.
    pub due_on: Date,
    /// Last day to post the notice of the stage, if it has one.
    pub post_by: Option<Date>,
}

/// Deadlines of the offices by the law, the pack's notices and the working days.
#[derive(Debug, Clone, Copy)]
pub struct Year<'a> {
    /// Policy in force.
    pub pack: &'a PolicyPack,
    /// Working days.
    pub calendar: &'a Calendar,
}

impl Year<'_> {
    /// R-DAT-2: deadlines of offices do not roll; they are met on the last working day before.
    pub fn end(&self, stage: Stage, round: i32) -> Date {
        let (month, day) = stage.named();
        self.calendar
            .last_working_day_on_or_before(dates::month_day(round, month, day))
    }

    /// R-DAT-7: the last working day on which a notice can be posted so that it ends by `due_on`.
    pub fn last_posting_day(&self, due_on: Date) -> Date {
        (0..LOOK_BACK_DAYS)
            .map(|days| dates::add_days(due_on, -days))
            .filter(|day| self.calendar.is_working_day(*day))
            .find(|day| rules::notice_last_day(self.pack, self.calendar, *day) <= due_on)
            .unwrap_or(due_on)
    }

    /// The term of a stage that ends with a notice, for what reached it on `since`.
    pub fn with_notice(&self, stage: Stage, round: i32, since: Option<Date>) -> Term {
        let due_on = self.end(stage, round);
        let post_by = self.last_posting_day(due_on);
        let Some(since) = since.filter(|it| *it > post_by) else {
            return Term {
                due_on,
                post_by: Some(post_by),
            };
        };
        let post_by = self.own_term(since);
        Term {
            due_on: rules::notice_last_day(self.pack, self.calendar, post_by),
            post_by: Some(post_by),
        }
    }

    /// The term of a stage without a notice, for what reached it on `since`.
    pub fn without_notice(&self, stage: Stage, round: i32, since: Option<Date>) -> Term {
        let end = self.end(stage, round);
        let due_on = since
            .filter(|it| *it > end)
            .map_or(end, |it| self.own_term(it));
        Term {
            due_on,
            post_by: None,
        }
    }

    /// R-PRC-3: whether a round takes no more supplementary rosters. It takes them until its last
    /// day of payment, and after it while no batch has gone out to the bank.
    pub fn is_closed(&self, round: i32, released: bool, today: Date) -> bool {
        released && today > self.end(Stage::Bank, round)
    }

    /// Ten working days from `since`.
    pub fn own_term(&self, since: Date) -> Date {
        self.calendar.add_working_days(since, OWN_TERM_WORKING_DAYS)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    fn year() -> Year<'static> {
        Year {
            pack: PolicyPack::baotou(),
            calendar: Calendar::china(),
        }
    }

    /// The table of C.1: windows close, notices posted by and ending, recorded, allocated, paid.
    #[test]
    fn the_table_of_the_last_posting_days() {
        #[rustfmt::skip]
        let table = [
            (2025,
             [date!(2025-03-31), date!(2025-06-03)],
             [(date!(2025-04-23), date!(2025-04-30)),
              (date!(2025-05-23), date!(2025-05-30)),
              (date!(2025-07-24), date!(2025-07-31))],
             [date!(2025-08-15), date!(2025-09-30), date!(2025-10-31)]),
            (2026,
             [date!(2026-03-31), date!(2026-06-01)],
             [(date!(2026-04-23), date!(2026-04-30)),
              (date!(2026-05-22), date!(2026-05-29)),
              (date!(2026-07-24), date!(2026-07-31))],
             [date!(2026-08-14), date!(2026-09-30), date!(2026-10-30)]),
            (2027,
             [date!(2027-03-31), date!(2027-05-31)],
             [(date!(2027-04-23), date!(2027-04-30)),
              (date!(2027-05-24), date!(2027-05-31)),
              (date!(2027-07-23), date!(2027-07-30))],
             [date!(2027-08-13), date!(2027-09-30), date!(2027-10-29)]),
        ];
        let year = year();
        for (round, [families, institutions], notices, later) in table {
            let (pack, calendar) = (year.pack, year.calendar);
            assert_eq!(rules::family_window_close(pack, calendar, round), families);
            let close = rules::institution_window_close(pack, calendar, round);
            assert_eq!(close, institutions);
            let reviews = [Stage::Village, Stage::Township, Stage::County];
            for (stage, (post_by, ends_on)) in reviews.into_iter().zip(notices) {
                let end = year.end(stage, round);
                assert_eq!((stage, end), (stage, ends_on), "round {round}");
                assert_eq!(year.last_posting_day(end), post_by, "{stage:?} of {round}");
                assert_eq!(rules::notice_last_day(pack, calendar, post_by), ends_on);
            }
            let stages = [Stage::City, Stage::Finance, Stage::Bank];
            for (stage, day) in stages.into_iter().zip(later) {
                assert_eq!(year.end(stage, round), day, "{stage:?} of {round}");
            }
        }
    }

    #[test]
    fn what_comes_on_the_last_posting_day_is_in_time_and_a_day_later_has_its_own_term() {
        let year = year();
        let term = |since| year.with_notice(Stage::Village, 2025, since);
        let calendar_term = Term {
            due_on: date!(2025 - 04 - 30),
            post_by: Some(date!(2025 - 04 - 23)),
        };
        assert_eq!(term(None), calendar_term);
        assert_eq!(term(Some(date!(2025 - 04 - 23))), calendar_term);
        // Ten working days from 24 April, with 27 April worked and 1 to 5 May off: 12 May.
        let own = term(Some(date!(2025 - 04 - 24)));
        assert_eq!(own.post_by, Some(date!(2025 - 05 - 12)));
        assert_eq!(own.due_on, date!(2025 - 05 - 19));
    }

    #[test]
    fn a_round_is_closed_when_its_batch_is_out_and_its_last_day_is_over() {
        let year = year();
        let (last, after) = (date!(2026 - 10 - 30), date!(2026 - 10 - 31));
        assert!(!year.is_closed(2026, true, last));
        assert!(!year.is_closed(2026, false, after), "the batch waits");
        assert!(year.is_closed(2026, true, after));
    }

    #[test]
    fn a_stage_without_a_notice_has_its_own_term_after_its_end() {
        let year = year();
        let term = |since| year.without_notice(Stage::City, 2025, Some(since)).due_on;
        assert_eq!(term(date!(2025 - 08 - 15)), date!(2025 - 08 - 15));
        assert_eq!(term(date!(2025 - 08 - 18)), date!(2025 - 09 - 01));
    }
}
