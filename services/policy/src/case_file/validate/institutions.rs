//! Institutions, and stays of children in them.

use std::collections::BTreeSet;

use time::Date;

use super::{Case, Complaints, known_persons};
use crate::case_file::Enrolment;

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
        stay(enrolment, &persons, complaints);
    }
}

fn stay(enrolment: &Enrolment, persons: &BTreeSet<&str>, complaints: &mut Complaints<'_>) {
    let subject = enrolment.child.as_ref().unwrap_or(&enrolment.institution);
    let (from, to) = (enrolment.from, enrolment.to);
    interval(subject, "enrolments.to", from, to, complaints);
    match (&enrolment.child, enrolment.count, enrolment.born_on) {
        (Some(child), None, None) => {
            complaints.known("enrolments.child", child, persons);
        }
        (None, Some(_), Some(born_on)) => {
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

/// Complains of a period that ends before it starts.
fn interval(
    subject: &str,
    field: &'static str,
    from: Date,
    to: Option<Date>,
    complaints: &mut Complaints<'_>,
) {
    if let Some(to) = to
        && to < from
    {
        let message = format!("ends on {to}, before it starts on {from}");
        complaints.add(subject, field, message);
    }
}
