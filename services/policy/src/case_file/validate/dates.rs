//! Intervals that end before they start, and lives that do.

use time::Date;

use super::{Case, Complaints};
use crate::case_file::map::born_on;

pub(super) fn check(case: &Case, complaints: &mut Complaints<'_>) {
    for person in &case.persons {
        if let Some(died_on) = person.died_on
            && died_on < person.born_on
        {
            let message = format!("died on {died_on}, before the birth on {}", person.born_on);
            complaints.add(&person.id, "persons.died_on", message);
        }
    }
    hukou(case, complaints);
    // Parents may settle custody, and divorce, before the birth.
    for custody in &case.custody {
        interval(
            &custody.child,
            "custody.to",
            custody.from,
            custody.to,
            complaints,
        );
    }
    custodies(case, complaints);
    for guardianship in &case.guardianships {
        let child = &guardianship.child;
        interval(
            child,
            "guardianships.to",
            guardianship.from,
            guardianship.to,
            complaints,
        );
        born(
            case,
            child,
            "guardianships.from",
            guardianship.from,
            complaints,
        );
    }
    for payment in &case.national_payments {
        let field = "national_payments.on";
        born(case, &payment.child, field, payment.on, complaints);
    }
    for adoption in &case.adoptions {
        born(
            case,
            &adoption.child,
            "adoptions.on",
            adoption.on,
            complaints,
        );
    }
}

fn hukou(case: &Case, complaints: &mut Complaints<'_>) {
    for (index, entry) in case.hukou.iter().enumerate() {
        let person = &entry.person;
        interval(person, "hukou.to", entry.from, entry.to, complaints);
        born(case, person, "hukou.from", entry.from, complaints);
        if let Some(died_on) = died_on(case, person)
            && entry.from > died_on
        {
            let message = format!("starts on {}, after the death on {died_on}", entry.from);
            complaints.add(person, "hukou.from", message);
        }
        let others = case.hukou.iter().take(index);
        for other in others.filter(|other| other.person == *person) {
            if at_once((other.from, other.to), (entry.from, entry.to)) {
                let message = format!("in {} and {} at once", other.county, entry.county);
                complaints.add(person, "hukou.from", message);
            }
        }
    }
}

/// One arrangement at a time.
fn custodies(case: &Case, complaints: &mut Complaints<'_>) {
    for (index, entry) in case.custody.iter().enumerate() {
        let others = case.custody.iter().take(index);
        for other in others.filter(|other| other.child == entry.child) {
            if together((other.from, other.to), (entry.from, entry.to)) {
                let message = format!(
                    "two arrangements at once, from {} and from {}: the earlier needs an earlier `to`",
                    other.from, entry.from
                );
                complaints.add(&entry.child, "custody.from", message);
            }
        }
    }
}

/// Whether two intervals, first and last day inside, have a day in common.
fn together(one: (Date, Option<Date>), other: (Date, Option<Date>)) -> bool {
    one.1.is_none_or(|to| other.0 <= to) && other.1.is_none_or(|to| one.0 <= to)
}

/// As [`together`], but for the day of a move: the later hukou counts.
fn at_once(one: (Date, Option<Date>), other: (Date, Option<Date>)) -> bool {
    let hands_over = one.1 == Some(other.0) || other.1 == Some(one.0);
    together(one, other) && (!hands_over || one.0 == other.0)
}

/// Complains of an interval that ends before it starts.
pub(super) fn interval(
    subject: &str,
    field: &'static str,
    from: Date,
    to: Option<Date>,
    complaints: &mut Complaints<'_>,
) {
    if let Some(to) = to
        && to < from
    {
        complaints.add(
            subject,
            field,
            format!("ends on {to}, before it starts on {from}"),
        );
    }
}

/// Complains of something that happens to a person before birth.
pub(super) fn born(
    case: &Case,
    person: &str,
    field: &'static str,
    on: Date,
    complaints: &mut Complaints<'_>,
) {
    if let Some(born_on) = born_on(case, person)
        && on < born_on
    {
        complaints.add(
            person,
            field,
            format!("{on} is before the birth on {born_on}"),
        );
    }
}

pub(super) fn died_on(case: &Case, id: &str) -> Option<Date> {
    let person = case.persons.iter().find(|person| person.id == id)?;
    person.died_on
}
