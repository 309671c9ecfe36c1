//! Institutions, and stays of children in them.

use std::collections::BTreeSet;

use super::{
    Case, Complaints,
    dates::{born, interval},
    known_persons,
};
use crate::case_file::Enrolment;

/// No group of equal children is anywhere near this large; it bounds what one line can ask for.
const LARGEST_GROUP: u32 = 10_000;

pub(super) fn check(case: &Case, complaints: &mut Complaints<'_>) {
    let ids = case.institutions.iter().map(|entry| entry.id.as_str());
    complaints.unique("institutions.id", ids.clone());
    let known: BTreeSet<&str> = ids.collect();
    for institution in &case.institutions {
        for suspension in &institution.suspensions {
            let (id, field) = (&institution.id, "institutions.suspensions.to");
            interval(id, field, suspension.from, suspension.to, complaints);
        }
    }
    let persons = known_persons(case);
    for enrolment in &case.enrolments {
        complaints.known("enrolments.institution", &enrolment.institution, &known);
        stay(case, enrolment, &persons, complaints);
    }
}

fn stay(
    case: &Case,
    enrolment: &Enrolment,
    persons: &BTreeSet<&str>,
    complaints: &mut Complaints<'_>,
) {
    let subject = enrolment.child.as_ref().unwrap_or(&enrolment.institution);
    let (from, to) = (enrolment.from, enrolment.to);
    interval(subject, "enrolments.to", from, to, complaints);
    match (&enrolment.child, enrolment.count, enrolment.born_on) {
        (Some(child), None, None) => {
            complaints.known("enrolments.child", child, persons);
            born(case, child, "enrolments.from", from, complaints);
        }
        (None, Some(count), Some(born_on)) => {
            if count > LARGEST_GROUP {
                let message = format!("more than {LARGEST_GROUP} children in one group");
                complaints.add(subject, "enrolments.count", message);
            }
            if from < born_on {
                let message = format!("{from} is before the birth on {born_on}");
                complaints.add(subject, "enrolments.from", message);
            }
        }
        _ => {
            let message = "an entry names a child, or a count and a birth date";
            complaints.add(subject, "enrolments.child", message);
        }
    }
}
