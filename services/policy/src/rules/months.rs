//! R-DAT-4: months of enrolment.

use smallvec::SmallVec;
use time::Date;
use yuhui_kernel::dates;

/// First and last day of a stay, both inside. An empty one (last before first) counts nothing.
pub(crate) type Span = (Date, Date);

/// What some stays add up to once overlapping and adjacent ones are merged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Whole months.
    pub(crate) months: i32,
    /// Counted days.
    pub(crate) days: i64,
    /// Last counted day.
    pub(crate) last_day: Option<Date>,
}

/// Left-over days of several spells make a month each thirty days.
const DAYS_OF_A_MONTH: i64 = 30;

/// Stays that are merged without a place on the heap; more are merged as well.
const STAYS_OF_A_CHILD: usize = 8;

/// R-DAT-4: whole months of enrolment. The first day counts; overlapping and adjacent spans are
/// merged; one spell gives its whole months, several their sum and a month for each thirty
/// left-over days. “入托时间不少于3个月” (三(二)2(3), 三(三)2(3)).
#[must_use]
pub fn whole_months(spans: &[(Date, Date)]) -> i32 {
    tally(spans.iter().copied()).months
}

pub(crate) fn tally(spans: impl Iterator<Item = Span>) -> Tally {
    tally_where(spans, |_| true)
}

/// As [`tally`], of those merged spells only that `counts`.
pub(crate) fn tally_where(
    spans: impl Iterator<Item = Span>,
    counts: impl Fn(Span) -> bool,
) -> Tally {
    let mut spans: SmallVec<[Span; STAYS_OF_A_CHILD]> =
        spans.filter(|(from, to)| from <= to).collect();
    spans.sort_unstable();
    let mut spans = spans.into_iter().peekable();
    let mut spells: SmallVec<[Span; STAYS_OF_A_CHILD]> = SmallVec::new();
    while let Some((from, mut to)) = spans.next() {
        while let Some((_, end)) = spans.next_if(|(next, _)| *next <= dates::add_days(to, 1)) {
            to = to.max(end);
        }
        if counts((from, to)) {
            spells.push((from, to));
        }
    }
    let lengths = spells
        .iter()
        .map(|(from, to)| (*to - *from).whole_days() + 1);
    Tally {
        months: match spells.as_slice() {
            [only] => whole_months_of(*only),
            several => months_of_several(several),
        },
        days: lengths.sum(),
        last_day: spells.last().map(|(_, to)| *to),
    }
}

fn months_of_several(spells: &[Span]) -> i32 {
    let (mut months, mut left_days) = (0, 0);
    for (from, to) in spells {
        let whole = whole_months_of((*from, *to));
        let left = dates::add_days(*to, 1) - dates::add_months(*from, whole);
        months += whole;
        left_days += left.whole_days();
    }
    months + i32::try_from(left_days / DAYS_OF_A_MONTH).unwrap_or(i32::MAX)
}

/// Whole months of one spell *a…b*: the largest *m* with addMonths(*a*, *m*) − 1 day ≤ *b*.
fn whole_months_of((from, to): Span) -> i32 {
    let day_after = dates::add_days(to, 1);
    let month_index = |day: Date| day.year() * 12 + i32::from(u8::from(day.month()));
    let months = month_index(day_after) - month_index(from);
    if dates::add_months(from, months) > day_after {
        months - 1
    } else {
        months
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;

    use super::*;

    #[test]
    fn the_vectors_of_the_law() {
        let cases: [(&[Span], i32); 6] = [
            (&[(date!(2024 - 10 - 01), date!(2024 - 12 - 31))], 3),
            (&[(date!(2024 - 10 - 02), date!(2024 - 12 - 31))], 2),
            (&[(date!(2024 - 11 - 30), date!(2025 - 02 - 27))], 3),
            (&[(date!(2024 - 02 - 29), date!(2024 - 05 - 28))], 3),
            (
                &[
                    (date!(2024 - 09 - 01), date!(2024 - 10 - 14)),
                    (date!(2024 - 02 - 01), date!(2024 - 03 - 16)),
                ],
                3,
            ),
            (
                &[
                    (date!(2024 - 06 - 20), date!(2024 - 08 - 05)),
                    (date!(2024 - 05 - 06), date!(2024 - 06 - 19)),
                ],
                3,
            ),
        ];
        for (spans, months) in cases {
            assert_eq!(whole_months(spans), months, "{spans:?}");
        }
    }

    #[test]
    fn both_ends_of_every_spell_are_days() {
        let tally = tally(
            [
                (date!(2024 - 03 - 01), date!(2024 - 03 - 01)),
                (date!(2024 - 05 - 01), date!(2024 - 05 - 10)),
            ]
            .into_iter(),
        );
        assert_eq!(
            (tally.days, tally.last_day),
            (11, Some(date!(2024 - 05 - 10)))
        );
    }

    proptest! {
        #[test]
        fn order_and_repetition_never_matter(
            mut spans in prop::collection::vec((0_i64..700, 0_i64..200), 0..6),
            rotate in 0_usize..6,
        ) {
            let day = |days| dates::add_days(date!(2024 - 01 - 01), days);
            let read = |spans: &[(i64, i64)]| -> Vec<Span> {
                spans.iter().map(|(from, length)| (day(*from), day(from + length))).collect()
            };
            let once = tally(read(&spans).into_iter());
            let length = spans.len();
            if length > 0 {
                spans.rotate_left(rotate % length);
                spans.extend_from_within(..length / 2);
            }
            prop_assert_eq!(tally(read(&spans).into_iter()), once);
        }

        #[test]
        fn cutting_a_spell_in_two_adjacent_pieces_changes_nothing(
            from in 0_i64..700, first in 0_i64..200, second in 1_i64..200,
        ) {
            let day = |days| dates::add_days(date!(2024 - 01 - 01), days);
            let whole = [(day(from), day(from + first + second))];
            let cut = [
                (day(from + first + 1), day(from + first + second)),
                (day(from), day(from + first)),
            ];
            prop_assert_eq!(whole_months(&whole), whole_months(&cut));
        }
    }
}
