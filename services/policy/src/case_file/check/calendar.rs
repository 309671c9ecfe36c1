//! Calendar functions.

use time::Date;
use yuhui_kernel::Calendar;

use super::Differences;
use crate::{
    PolicyPack,
    case_file::{CalendarQuery, Case, Query},
    rules::dates as law,
};

pub(super) fn check(
    case: &Case,
    pack: &PolicyPack,
    calendar: &Calendar,
    differences: &mut Differences<'_>,
) {
    for (index, query) in case.queries.iter().enumerate() {
        let Query::Calendar(query) = query else {
            continue;
        };
        let place = format!("queries[{index}]");
        let (field, expected, got) = ask(query, pack, calendar);
        differences.compare(&place, field, expected, got);
    }
}

/// Name of the function, expected value, value.
fn ask(
    query: &CalendarQuery,
    pack: &PolicyPack,
    calendar: &Calendar,
) -> (&'static str, String, String) {
    match query {
        CalendarQuery::P1LastDay { born_on, expected } => {
            let got = law::p1_last_day(pack, calendar, *born_on);
            ("p1_last_day", expected.to_string(), got.to_string())
        }
        CalendarQuery::LastDayUnderThree { born_on, expected } => {
            let got = law::last_day_under_three(pack, *born_on);
            (
                "last_day_under_three",
                expected.to_string(),
                got.to_string(),
            )
        }
        CalendarQuery::FamilyRound {
            lodged_on,
            expected,
        } => {
            let got = law::family_round(pack, calendar, *lodged_on);
            ("family_round", expected.to_string(), got.to_string())
        }
        CalendarQuery::InstitutionRound {
            lodged_on,
            expected,
        } => {
            let got = law::institution_round(pack, calendar, *lodged_on);
            ("institution_round", expected.to_string(), got.to_string())
        }
        CalendarQuery::WholeMonths { spans, expected } => {
            let spells: Vec<(Date, Date)> = spans.iter().map(|span| (span.0, span.1)).collect();
            let got = law::whole_months(&spells);
            ("whole_months", expected.to_string(), got.to_string())
        }
        CalendarQuery::NoticeLastDay {
            posted_on,
            expected,
        } => {
            let got = law::notice_last_day(pack, calendar, *posted_on);
            ("notice_last_day", expected.to_string(), got.to_string())
        }
    }
}
