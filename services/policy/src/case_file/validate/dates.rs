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
    marriages(case, complaints);
    hukou(case, complaints);
    for custody in &case.custody {
        interval(
            &custody.child,
            "custody.to",
            custody.from,
            custody.to,
            complaints,
        );
        born(
            case,
            &custody.child,
            "custody.from",
            custody.from,
            complaints,
        );
    }
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

fn marriages(case: &Case, complaints: &mut Complaints<'_>) {
    for (index, marriage) in case.marriages.iter().enumerate() {
        let [one, other] = &marriage.spouses;
        interval(one, "marriages.to", marriage.from, marriage.to, complaints);
        if marriage.ended_by.is_some() && marriage.to.is_none() {
            let message = format!("the marriage to `{other}` has an end without a day");
            complaints.add(one, "marriages.ended_by", message);
        }
        born(case, one, "marriages.from", marriage.from, complaints);
        born(case, other, "marriages.from", marriage.from, complaints);
        let end = |m: &crate::case_file::Marriage| {
            let deaths = m.spouses.iter().filter_map(|id| died_on(case, id));
            m.to.into_iter().chain(deaths).min()
        };
        for earlier in case.marriages.iter().take(index) {
            let both = marriage
                .spouses
                .iter()
                .find(|id| earlier.spouses.contains(id));
            // A marriage is no longer in force on its last date: another may start that day.
            let together = end(earlier).is_none_or(|to| marriage.from < to)
                && end(marriage).is_none_or(|to| earlier.from < to);
            if let Some(person) = both
                && together
            {
                complaints.add(person, "marriages.from", "in two marriages at once");
            }
        }
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
            let together = other.to.is_none_or(|to| entry.from <= to)
                && entry.to.is_none_or(|to| other.from <= to);
            if together {
                let message = format!("in {} and {} at once", other.county, entry.county);
                complaints.add(person, "hukou.from", message);
            }
        }
    }
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

fn died_on(case: &Case, id: &str) -> Option<Date> {
    let person = case.persons.iter().find(|person| person.id == id)?;
    person.died_on
}
