//! What one case can ask for: a family, or the nurseries of a county, and many times that. Whatever
//! a file holds, deciding a case takes little time and memory.

use std::collections::BTreeMap;

use super::{Case, Complaints};

/// Longest id, in characters.
const ID: usize = 100;
/// Most claims.
const CLAIMS: usize = 1_000;
/// Most children that stay anywhere, counted out of their groups.
const STAYS: u64 = 10_000;
/// Most findings of fraud.
const FINDINGS: usize = 100;
/// Most payments of the national subsidy.
const PAYMENTS: usize = 200;
/// Most rows that are read to decide the claims for one child or institution: each of them looks at
/// all the others, and for each at the records.
const LOOKS: usize = 50_000_000;

pub(super) fn check(case: &Case, complaints: &mut Complaints<'_>) {
    for (field, id) in ids(case) {
        if id.is_empty() {
            complaints.add(&case.id, field, "an id is empty");
        } else if id.chars().count() > ID {
            complaints.add(id, field, format!("an id longer than {ID} characters"));
        } else if id.chars().any(char::is_control) {
            complaints.add(id, field, "a control character in an id");
        }
    }
    let claims = case.applications.iter();
    let claims = claims.map(|it| it.children.len() + usize::from(it.institution.is_some()));
    most(complaints, "applications", "claims", claims.sum(), CLAIMS);
    let found = case.findings.len();
    most(complaints, "findings", "findings", found, FINDINGS);
    let paid = case.national_payments.len();
    most(complaints, "national_payments", "payments", paid, PAYMENTS);
    let (claims, records) = (most_for_one(case), records(case));
    if claims.saturating_mul(claims).saturating_mul(records) > LOOKS {
        let message = format!("{claims} claims for one child beside {records} records");
        complaints.add(&case.id, "applications", message);
    }
    let stays = case.enrolments.iter();
    let stays = stays.map(|it| u64::from(it.count.unwrap_or(1)));
    if stays.fold(0_u64, u64::saturating_add) > STAYS {
        let message = format!("more than {STAYS} children stay in the institutions of one case");
        complaints.add(&case.id, "enrolments.count", message);
    }
}

/// Claims for the child or institution that has most.
fn most_for_one(case: &Case) -> usize {
    let mut claims: BTreeMap<&str, usize> = BTreeMap::new();
    for application in &case.applications {
        for subject in application.children.iter().chain(&application.institution) {
            *claims.entry(subject).or_default() += 1;
        }
    }
    claims.into_values().max().unwrap_or_default()
}

/// Records of persons, and what becomes known of them later.
fn records(case: &Case) -> usize {
    [
        case.persons.len(),
        case.hukou.len(),
        case.births.len(),
        case.marriages.len(),
        case.adoptions.len(),
        case.custody.len(),
        case.guardianships.len(),
        case.findings.len(),
        case.national_payments.len(),
    ]
    .into_iter()
    .sum()
}

fn most(
    complaints: &mut Complaints<'_>,
    field: &'static str,
    what: &str,
    number: usize,
    most: usize,
) {
    if number > most {
        let message = format!("{number} {what} in one case, more than {most}");
        let case = complaints.case;
        complaints.add(case, field, message);
    }
}

/// Whatever an entry goes by. What refers to an entry is checked against these.
fn ids(case: &Case) -> impl Iterator<Item = (&'static str, &str)> {
    let births = case.births.iter().flat_map(|birth| {
        let children = birth.children.iter();
        let children = children.map(|child| ("births.children.id", child.id.as_str()));
        let father = birth.father.iter().map(|id| ("births.father", id.as_str()));
        [
            ("births.delivery", birth.delivery.as_str()),
            ("births.mother", birth.mother.as_str()),
        ]
        .into_iter()
        .chain(father)
        .chain(children)
    });
    let persons = case.persons.iter();
    let institutions = case.institutions.iter();
    let applications = case.applications.iter();
    [("id", case.id.as_str())]
        .into_iter()
        .chain(persons.map(|it| ("persons.id", it.id.as_str())))
        .chain(births)
        .chain(institutions.map(|it| ("institutions.id", it.id.as_str())))
        .chain(applications.map(|it| ("applications.id", it.id.as_str())))
}
