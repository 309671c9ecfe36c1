//! Institutions, stays in them, and applications.

use std::collections::BTreeSet;

use super::{
    Case, Complaints,
    dates::{born, interval},
    known_persons,
};
use crate::{
    Programme,
    case_file::{Application, Enrolment},
};

/// No group of equal children is anywhere near this large; it bounds what one line can ask for.
const LARGEST_GROUP: u32 = 10_000;

pub(super) fn check(case: &Case, complaints: &mut Complaints<'_>) {
    let ids = || {
        case.institutions
            .iter()
            .map(|institution| institution.id.as_str())
    };
    complaints.unique("institutions.id", ids());
    let known_institutions: BTreeSet<&str> = ids().collect();
    for institution in &case.institutions {
        for suspension in &institution.suspensions {
            let (from, to) = (suspension.from, suspension.to);
            interval(
                &institution.id,
                "institutions.suspensions.to",
                from,
                to,
                complaints,
            );
        }
    }
    let persons = known_persons(case);
    for enrolment in &case.enrolments {
        let institution = &enrolment.institution;
        complaints.known("enrolments.institution", institution, &known_institutions);
        stay(case, enrolment, &persons, complaints);
    }
    complaints.unique(
        "applications.id",
        case.applications.iter().map(|a| a.id.as_str()),
    );
    for application in &case.applications {
        lodged(case, application, &persons, &known_institutions, complaints);
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

fn lodged(
    case: &Case,
    application: &Application,
    persons: &BTreeSet<&str>,
    institutions: &BTreeSet<&str>,
    complaints: &mut Complaints<'_>,
) {
    let id = &application.id;
    let of_family = application.programme.is_family();
    let names_family = application.applicant.is_some() && !application.children.is_empty();
    let names_any_of_family = application.applicant.is_some() || !application.children.is_empty();
    if of_family && (!names_family || application.institution.is_some()) {
        let message = "P1, P2 and N1 name an applicant and children, and no institution";
        complaints.add(id, "applications.programme", message);
    }
    if !of_family && (application.institution.is_none() || names_any_of_family) {
        let message = "P3 and P4 name an institution, and neither applicant nor children";
        complaints.add(id, "applications.programme", message);
    }
    let yearly = matches!(
        application.programme,
        Programme::P2 | Programme::P3 | Programme::N1
    );
    if yearly && application.subsidy_year.is_none() {
        complaints.add(
            id,
            "applications.subsidy_year",
            "P2, P3 and N1 name a subsidy year",
        );
    }
    if let Some(applicant) = &application.applicant {
        complaints.known("applications.applicant", applicant, persons);
    }
    if let Some(institution) = &application.institution {
        complaints.known("applications.institution", institution, institutions);
    }
    complaints.unique(
        "applications.children",
        application.children.iter().map(String::as_str),
    );
    for child in &application.children {
        complaints.known("applications.children", child, persons);
        let on = application.lodged_on;
        born(case, child, "applications.lodged_on", on, complaints);
    }
}
