//! Applications: each names what its programme needs, and nothing of another.

use std::collections::BTreeSet;

use super::{Case, Complaints, known_persons};
use crate::{Programme, case_file::Application};

pub(super) fn check(case: &Case, complaints: &mut Complaints<'_>) {
    let ids = case.applications.iter().map(|it| it.id.as_str());
    complaints.unique("applications.id", ids);
    let persons = known_persons(case);
    let institutions = case.institutions.iter().map(|it| it.id.as_str()).collect();
    for application in &case.applications {
        complete(application, complaints);
        lodged(application, &persons, &institutions, complaints);
    }
}

fn complete(application: &Application, complaints: &mut Complaints<'_>) {
    let id = &application.id;
    let family = [
        ("applications.applicant", application.applicant.is_some()),
        ("applications.children", !application.children.is_empty()),
    ];
    let institution = [(
        "applications.institution",
        application.institution.is_some(),
    )];
    let (needed, foreign, message) = if application.programme.is_family() {
        let message = "P1, P2 and N1 name an applicant and children, and no institution";
        (&family[..], &institution[..], message)
    } else {
        let message = "P3 and P4 name an institution, and neither applicant nor children";
        (&institution[..], &family[..], message)
    };
    for (field, _) in needed.iter().filter(|(_, present)| !present) {
        complaints.add(id, field, message);
    }
    if foreign.iter().any(|(_, present)| *present) {
        complaints.add(id, "applications.programme", message);
    }
    let yearly = matches!(
        application.programme,
        Programme::P2 | Programme::P3 | Programme::N1
    );
    if yearly && application.subsidy_year.is_none() {
        let message = "P2, P3 and N1 name a subsidy year";
        complaints.add(id, "applications.subsidy_year", message);
    }
}

fn lodged(
    application: &Application,
    persons: &BTreeSet<&str>,
    institutions: &BTreeSet<&str>,
    complaints: &mut Complaints<'_>,
) {
    if let Some(applicant) = &application.applicant {
        complaints.known("applications.applicant", applicant, persons);
    }
    if let Some(institution) = &application.institution {
        complaints.known("applications.institution", institution, institutions);
    }
    let children = application.children.iter().map(String::as_str);
    complaints.unique("applications.children", children);
    for child in &application.children {
        complaints.known("applications.children", child, persons);
    }
}
