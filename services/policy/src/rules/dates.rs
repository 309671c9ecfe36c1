//! R-DAT: periods, windows, rounds, ages and notices.

use time::{Date, Month};
use yuhui_kernel::{
    Calendar,
    dates::{self, Period},
};

use crate::{
    Claim, PolicyPack, Programme,
    pack::{Parameters, Transition},
};

pub use super::months::whole_months;

/// R-DAT-2: the last day of an applicant's period, moved to the next working day if it is a day
/// off. 民法典第二百零三条：期间的最后一日是法定休假日的，以法定休假日结束的次日为最后一日.
fn rolled(p: &Parameters, calendar: &Calendar, day: Date) -> Date {
    if p.calendar_roll_applicant_deadlines {
        calendar.next_working_day_on_or_after(day)
    } else {
        day
    }
}

/// R-DAT-5, R-DAT-8, 四(一)1: the last day of the family window of `round`.
/// “每年3月31日前，本人申报”.
#[must_use]
pub fn family_window_close(pack: &PolicyPack, calendar: &Calendar, round: i32) -> Date {
    let p = &pack.parameters;
    rolled(p, calendar, p.calendar_family_filing_close.of(round))
}

/// R-DAT-6, R-DAT-8, 四(二)1: the last day of the institution window of `round`.
/// “每年5月31日前，托育机构申报”.
#[must_use]
pub fn institution_window_close(pack: &PolicyPack, calendar: &Calendar, round: i32) -> Date {
    let p = &pack.parameters;
    rolled(p, calendar, p.calendar_institution_filing_close.of(round))
}

/// R-DAT-5: the round of a family claim lodged on `lodged_on`.
#[must_use]
pub fn family_round(pack: &PolicyPack, calendar: &Calendar, lodged_on: Date) -> i32 {
    first_round(pack, lodged_on, |round| {
        family_window_close(pack, calendar, round)
    })
}

/// R-DAT-6: the round of an institution claim lodged on `lodged_on`.
#[must_use]
pub fn institution_round(pack: &PolicyPack, calendar: &Calendar, lodged_on: Date) -> i32 {
    first_round(pack, lodged_on, |round| {
        institution_window_close(pack, calendar, round)
    })
}

/// R-P2-2, 四(一)1: the last day of the family window in which P2 of `subsidy_year` is claimed.
#[must_use]
pub fn p2_window_close(pack: &PolicyPack, calendar: &Calendar, subsidy_year: i32) -> Date {
    family_window_close(pack, calendar, subsidy_year.saturating_add(1))
}

/// R-DAT-5, R-DAT-6: the round of a claim, whatever is decided. P2 of a year belongs to the round
/// after it, lodged in its course too, unless it comes too late for that.
#[must_use]
pub fn round_of(pack: &PolicyPack, calendar: &Calendar, claim: &Claim) -> i32 {
    if !claim.programme.is_family() {
        return institution_round(pack, calendar, claim.lodged_on);
    }
    match (claim.programme, claim.subsidy_year) {
        (Programme::P2, Some(year)) if claim.lodged_on <= p2_window_close(pack, calendar, year) => {
            year.saturating_add(1)
        }
        _ => family_round(pack, calendar, claim.lodged_on),
    }
}

/// The first round whose closing day is not before `lodged_on`. A window can roll over the end of
/// its year, so the year before is looked at too.
fn first_round(pack: &PolicyPack, lodged_on: Date, close: impl Fn(i32) -> Date) -> i32 {
    let earliest = pack.parameters.policy_first_round;
    let mut round = earliest.max(lodged_on.year() - 1);
    while close(round) < lodged_on {
        round += 1;
    }
    round
}

/// R-P1-2, R-P1-3, 三(一)2(3): the last day on which P1 can be lodged for a child born on
/// `born_on`. “孩子出生后1年内未主动申请的视为放弃”.
#[must_use]
pub fn p1_last_day(pack: &PolicyPack, calendar: &Calendar, born_on: Date) -> Date {
    let p = &pack.parameters;
    let limit = |from, years| {
        let end = dates::period_end(from, Period::Years(years));
        rolled(p, calendar, end)
    };
    let own = limit(born_on, p.p1_limit_years);
    if born_on > p.policy_publication_date {
        return own;
    }
    match p.p1_transition {
        Transition::Strict => own,
        Transition::FirstWindow => {
            own.max(family_window_close(pack, calendar, p.policy_first_round))
        }
        Transition::OneYearFromPublication => own.max(limit(p.policy_publication_date, 1)),
    }
}

/// R-DAT-3: the last day on which a child counts as under three.
/// “直至孩子3周岁”, “不满3周岁”.
#[must_use]
pub fn last_day_under_three(pack: &PolicyPack, born_on: Date) -> Date {
    let p = &pack.parameters;
    let birthday = dates::period_end(born_on, Period::Years(p.age_limit_years));
    if p.age_birthday_still_under {
        birthday
    } else {
        dates::add_days(birthday, -1)
    }
}

/// R-DAT-7, 四(一)2: the last day of a public notice posted on `posted_on`. “初审后公示7天”.
#[must_use]
pub fn notice_last_day(pack: &PolicyPack, calendar: &Calendar, posted_on: Date) -> Date {
    let p = &pack.parameters;
    let last = dates::period_end(posted_on, Period::Days(i64::from(p.notice_days)));
    if p.notice_roll_over_holidays {
        calendar.next_working_day_on_or_after(last)
    } else {
        last
    }
}

/// R-PRC-4, 四(一)2: the day by which the village review of a round ends, and with it the time to
/// make up a missing birth-service registration. “每年4月30日前，…初审”.
#[must_use]
pub fn village_review_deadline(round: i32) -> Date {
    dates::month_day(round, Month::April, 30)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_strict_limit_rolls_over_new_year() {
        let overrides = serde_json::json!({"p1.transition": "STRICT"});
        let pack = PolicyPack::baotou()
            .with_overrides(overrides.as_object().expect("an object"))
            .expect("known");
        assert_eq!(
            p1_last_day(&pack, Calendar::china(), date!(2024 - 01 - 01)),
            date!(2025 - 01 - 02)
        );
    }

    #[test]
    fn rounds_start_with_the_first() {
        let pack = PolicyPack::baotou();
        let china = Calendar::china();
        assert_eq!(family_round(pack, china, date!(2023 - 01 - 01)), 2025);
        assert_eq!(family_round(pack, china, Date::MAX), Date::MAX.year() + 1);
        assert_eq!(
            institution_window_close(pack, china, 2026),
            date!(2026 - 06 - 01)
        );
    }
}
