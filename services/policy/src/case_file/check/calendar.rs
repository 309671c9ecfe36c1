//! Calendar functions.

use yuhui_kernel::Calendar;

use super::Differences;
use crate::{
    Law, Pack,
    case_file::{Case, Query},
};

pub(super) fn check<L: Law>(
    case: &Case,
    pack: &Pack<L>,
    calendar: &Calendar,
    differences: &mut Differences<'_>,
) {
    for (index, query) in case.queries.iter().enumerate() {
        let Query::Calendar(query) = query else {
            continue;
        };
        let place = format!("queries[{index}]");
        match L::ask(pack, calendar, query) {
            Some(answer) => {
                let (expected, got) = (answer.expected, answer.got);
                differences.compare(&place, query.function(), expected, got);
            }
            None => differences.add(
                &place,
                "function",
                "a function of the law",
                query.function(),
            ),
        }
    }
}
