//! Comparing what the rules decide with what a case expects.

mod calendar;
mod decisions;
mod identifiers;
mod totals;

use std::fmt;

use yuhui_kernel::Calendar;

use super::{Brief, Case, Kind};
use crate::{Law, Pack};

/// Longest name printed, in characters: an id of an application and one of a child.
const NAME: usize = 210;
/// Longest value printed, in characters.
const VALUE: usize = 300;

/// Result of checking a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckOutcome {
    /// Checked; no differences means that it passed.
    Checked(Vec<Difference>),
    /// A funding case: the ledger posts its events and compares its balances.
    NotHere,
}

/// One value that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The case.
    pub case: String,
    /// Claim (`a2/c1`), query (`queries[3]`) or row of totals.
    pub place: String,
    /// The value that differs.
    pub field: &'static str,
    /// What the case says.
    pub expected: String,
    /// What came out.
    pub got: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            case,
            place,
            field,
            expected,
            got,
        } = self;
        let [case, place] = [case, place].map(|it| Brief(it, NAME));
        let [expected, got] = [expected, got].map(|it| Brief(it, VALUE));
        write!(f, "{case} {place} {field}: expected {expected}, got {got}")
    }
}

/// Checks a case with `pack`, in which the parameters of the case are replaced.
#[must_use]
pub fn check<L: Law>(case: &Case, pack: &Pack<L>, calendar: &Calendar) -> CheckOutcome {
    let mut differences = Differences {
        case: &case.id,
        found: Vec::new(),
    };
    match pack.with_overrides(&case.params) {
        Err(error) => differences.add("-", "params", "known parameters", &error),
        Ok(pack) => match case.kind {
            Kind::Funding => return CheckOutcome::NotHere,
            Kind::Calendar => calendar::check(case, &pack, calendar, &mut differences),
            Kind::Identifier => identifiers::check(case, &mut differences),
            Kind::Family | Kind::Institution => {
                decisions::check(case, &pack, calendar, &mut differences);
            }
        },
    }
    CheckOutcome::Checked(differences.found)
}

/// Gathers the differences of one case.
struct Differences<'a> {
    case: &'a str,
    found: Vec<Difference>,
}

impl Differences<'_> {
    /// None yet, of the same case.
    fn empty(&self) -> Self {
        Self {
            case: self.case,
            found: Vec::new(),
        }
    }

    fn add(
        &mut self,
        place: &str,
        field: &'static str,
        expected: impl fmt::Display,
        got: impl fmt::Display,
    ) {
        self.found.push(Difference {
            case: self.case.to_owned(),
            place: place.to_owned(),
            field,
            expected: expected.to_string(),
            got: got.to_string(),
        });
    }

    /// Adds a difference unless the two are equal.
    fn compare<T: PartialEq + fmt::Display>(
        &mut self,
        place: &str,
        field: &'static str,
        expected: T,
        got: T,
    ) {
        if expected != got {
            self.add(place, field, expected, got);
        }
    }
}
