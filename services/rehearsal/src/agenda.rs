//! What is still to be done, and on which day of the round.

use std::collections::{BTreeMap, BTreeSet};

use time::{Date, Month};
use yuhui_kernel::dates;

use super::plot::{Claim, is_family};

/// Something that is done on a day, in the order of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Act {
    /// Notices whose last day has passed are taken down.
    CloseNotice,
    /// Claims are lodged, and taken up or not.
    Lodge,
    /// Returned claims come back.
    Resubmit,
    /// Village: report, signature, notice.
    Village,
    /// Township: report, signature, notice.
    Township,
    /// County: review and notice, or rejection.
    County,
    /// Referrals are resolved.
    Resolve,
    /// Claimants withdraw.
    Withdraw,
    /// Fraud is established.
    Fraud,
    /// County: confirmation, rosters.
    Confirm,
    /// City: recording.
    Record,
    /// Finance: both shares.
    Fund,
    /// County: pre-payment check, order; bank: results.
    Pay,
    /// Bank: answers that took a day longer.
    Answer,
    /// County: corrected accounts, second order.
    Correct,
    /// County finance: surplus back to the treasuries.
    Remit,
    /// County finance: the year is closed.
    CloseYear,
    /// County: finished cases are archived.
    Archive,
}

impl Act {
    /// What progress bars and reports call it.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::CloseNotice => "notices taken down",
            Self::Lodge => "lodged and taken up",
            Self::Resubmit => "resubmitted",
            Self::Village => "village review and notice",
            Self::Township => "township review and notice",
            Self::County => "county review and notice",
            Self::Resolve => "referrals resolved",
            Self::Withdraw => "withdrawn",
            Self::Fraud => "fraud findings",
            Self::Confirm => "confirmation and rosters",
            Self::Record => "recording by the city",
            Self::Fund => "shares of city and county",
            Self::Pay => "payment orders and bank",
            Self::Answer => "late answers of the bank",
            Self::Correct => "corrected accounts, second order",
            Self::Remit => "surplus remitted",
            Self::CloseYear => "year closed",
            Self::Archive => "archived",
        }
    }
}

/// The days ahead.
#[derive(Debug, Default)]
pub(crate) struct Agenda(BTreeMap<(Date, Act), BTreeSet<usize>>);

impl Agenda {
    /// Puts `item` on the list of `act` on that day.
    pub(crate) fn add(&mut self, on: Date, act: Act, item: usize) {
        self.0.entry((on, act)).or_default().insert(item);
    }

    /// Takes the next act off, with everything it is done to.
    pub(crate) fn next(&mut self) -> Option<(Date, Act, Vec<usize>)> {
        let ((on, act), items) = self.0.pop_first()?;
        Some((on, act, items.into_iter().collect()))
    }
}

/// The days on which the offices deal with one claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Timetable {
    pub(crate) village: Date,
    /// Last day to make up what was missing (R-P1-6).
    pub(crate) cured: Date,
    pub(crate) township: Date,
    pub(crate) county: Date,
    pub(crate) confirmed: Date,
    pub(crate) paid: Date,
}

/// Days before the confirmation by which a stage must begin, so that its
/// seven-day notice and those after it are over in time.
const COUNTY_LEAD: i64 = 12;
const TOWNSHIP_LEAD: i64 = 26;
const VILLAGE_LEAD: i64 = 40;

impl Timetable {
    /// Every review on one day: a claim that is bound to fail is refused at
    /// once where another claim for the same child or nursery is to come.
    pub(crate) fn at_once(self, today: Date) -> Self {
        Self {
            village: today,
            township: today,
            county: today,
            ..self
        }
    }

    /// The days of `claim`, which belongs to `round`.
    pub(crate) fn of(claim: &Claim, round: i32) -> Self {
        let on = |month, day| dates::month_day(round, month, day);
        let confirmed = claim.fate.confirmed_on.unwrap_or(on(Month::July, 31));
        let before = |lead: i64| dates::add_days(confirmed, -lead);
        let (township, county) = if is_family(claim.programme) {
            (on(Month::May, 5), on(Month::June, 10))
        } else {
            (on(Month::June, 6), on(Month::June, 20))
        };
        Self {
            village: on(Month::April, 10).min(before(VILLAGE_LEAD)),
            cured: on(Month::April, 30),
            township: township.min(before(TOWNSHIP_LEAD)),
            county: county.min(before(COUNTY_LEAD)),
            confirmed,
            paid: claim
                .fate
                .paid_on
                .unwrap_or_else(|| batch(round, confirmed))
                .max(confirmed),
        }
    }
}

/// The yearly batch of a round; who is confirmed too late joins the next
/// (R-PRC-3).
fn batch(round: i32, confirmed: Date) -> Date {
    let october = |year| dates::month_day(year, Month::October, 31);
    let own = october(round.max(confirmed.year()));
    if confirmed <= own {
        own
    } else {
        dates::add_years(own, 1)
    }
}

/// The usual day of the city's recording (before 15 August).
pub(crate) fn recorded_on(round: i32) -> Date {
    dates::month_day(round, Month::August, 12)
}

/// The usual day on which both shares arrive (before 30 September).
pub(crate) fn funded_on(round: i32) -> Date {
    dates::month_day(round, Month::September, 20)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn a_day_is_worked_in_the_order_of_the_acts() {
        let mut agenda = Agenda::default();
        agenda.add(date!(2025 - 07 - 31), Act::Confirm, 1);
        agenda.add(date!(2025 - 07 - 31), Act::Fraud, 7);
        agenda.add(date!(2025 - 03 - 31), Act::Lodge, 2);
        agenda.add(date!(2025 - 03 - 31), Act::Lodge, 1);
        assert_eq!(
            agenda.next(),
            Some((date!(2025 - 03 - 31), Act::Lodge, vec![1, 2]))
        );
        assert_eq!(
            agenda.next(),
            Some((date!(2025 - 07 - 31), Act::Fraud, vec![7]))
        );
        assert_eq!(
            agenda.next(),
            Some((date!(2025 - 07 - 31), Act::Confirm, vec![1]))
        );
        assert_eq!(agenda.next(), None);
    }
}
