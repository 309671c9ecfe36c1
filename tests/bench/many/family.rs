//! Families of whom no two share anybody.

use time::{Date, macros::date};
use yuhui_kernel::{CitizenNumber, DivisionCode, dates};

/// First of the division codes that name no place and are used here, downwards.
const NOWHERE: u32 = 150_297;
/// Numbers that one division gives out for one birth date and one sex.
const PER_DAY: u32 = 499;
/// Villages of the township they live in.
pub(crate) const VILLAGES: u32 = 100;
/// Days on which mothers and fathers, first and second children are born.
const PARENTS: (Date, Date, u32) = (date!(1989 - 01 - 01), date!(1987 - 01 - 01), 2_500);
const FIRST: (Date, u32) = (date!(2019 - 01 - 01), 700);
const SECOND: (Date, u32) = (date!(2024 - 04 - 01), 180);

/// A couple with two children; the mother claims for the second.
pub(crate) struct Family {
    /// Which.
    pub(crate) serial: u32,
    pub(crate) mother: Person,
    pub(crate) father: Person,
    pub(crate) first: Person,
    pub(crate) second: Person,
}

/// Somebody.
pub(crate) struct Person {
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) born_on: Date,
}

impl Family {
    /// The family of that serial number.
    pub(crate) fn of(serial: u32) -> Self {
        let (mothers, fathers, days) = PARENTS;
        Self {
            serial,
            mother: Person::born(mothers, days, serial, false, "母"),
            father: Person::born(fathers, days, serial, true, "父"),
            first: Person::born(FIRST.0, FIRST.1, serial, false, "长女"),
            second: Person::born(SECOND.0, SECOND.1, serial, true, "次子"),
        }
    }

    /// Everybody, parents first.
    pub(crate) fn persons(&self) -> [&Person; 4] {
        [&self.mother, &self.father, &self.first, &self.second]
    }

    /// Where they live: one of the villages of the township of the first.
    pub(crate) fn village(&self, first: DivisionCode) -> DivisionCode {
        let township = first.township().expect("a township");
        let village = format!("{township}{:03}", 1 + self.serial % VILLAGES);
        village.parse().expect("a village")
    }

    /// A passbook, whose number has no check digit.
    pub(crate) fn account(&self) -> String {
        format!("1106{:012}", self.serial)
    }

    /// The same as it is shown.
    pub(crate) fn account_masked(&self) -> String {
        let number = self.account();
        format!("{}******{}", &number[..6], &number[12..])
    }
}

impl Person {
    /// One of those who are born on `days` days from `first` on, as many on each.
    fn born(first: Date, days: u32, serial: u32, male: bool, called: &str) -> Self {
        let born_on = dates::add_days(first, i64::from(serial % days));
        let place = serial / days;
        let body = format!(
            "{}{:04}{:02}{:02}{:03}",
            NOWHERE - place / PER_DAY,
            born_on.year(),
            u8::from(born_on.month()),
            born_on.day(),
            // Odd numbers are men's.
            place % PER_DAY * 2 + if male { 1 } else { 2 },
        );
        let check = CitizenNumber::compute_check(&body).expect("17 digits");
        Self {
            number: format!("{body}{check}"),
            name: format!("{called}{serial}"),
            born_on,
        }
    }

    /// Whether the number is a man's.
    pub(crate) fn is_male(&self) -> bool {
        let order = self.number.as_bytes().get(16).expect("18 digits");
        order % 2 == 1
    }
}
