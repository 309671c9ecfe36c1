//! Periods of one person that have days in common, found in one pass over the sorted periods.

use time::Date;

/// A period of somebody; `at` is the place of its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Period<'a> {
    pub(super) of: &'a str,
    pub(super) from: Date,
    pub(super) at: usize,
    pub(super) to: Option<Date>,
}

/// Each period that begins inside an earlier one of the same person, with that one. The last day of
/// one may be the first of the next.
pub(super) fn with_handover(periods: Vec<Period<'_>>) -> Vec<(Period<'_>, Period<'_>)> {
    overlapping(periods, |earlier, from| {
        earlier.to.is_none_or(|to| from < to) || earlier.from == from
    })
}

/// As [`with_handover`], of periods that are over on their last day.
pub(super) fn half_open(periods: Vec<Period<'_>>) -> Vec<(Period<'_>, Period<'_>)> {
    overlapping(periods, |earlier, from| {
        earlier.to.is_none_or(|to| from < to)
    })
}

fn overlapping<'a>(
    mut periods: Vec<Period<'a>>,
    inside: impl Fn(&Period<'a>, Date) -> bool,
) -> Vec<(Period<'a>, Period<'a>)> {
    periods.sort_unstable();
    let mut found = Vec::new();
    let mut longest: Option<Period<'_>> = None;
    for period in periods {
        let earlier = longest.filter(|it| it.of == period.of);
        if let Some(earlier) = earlier
            && inside(&earlier, period.from)
        {
            found.push((period, earlier));
        }
        let ends_later = |it: Period<'_>| match (it.to, period.to) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(known), Some(to)) => known <= to,
        };
        if earlier.is_none_or(ends_later) {
            longest = Some(period);
        }
    }
    found
}
