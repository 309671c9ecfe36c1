//! Who is who: ids, references, and what a person can be only once.

use std::collections::{BTreeMap, BTreeSet};

use super::{Case, Complaints, dates::died_on, known_persons};
use crate::case_file::map::born_on;

pub(super) fn check(case: &Case, complaints: &mut Complaints<'_>) {
    let mut listed = BTreeMap::new();
    for person in &case.persons {
        match listed.insert(person.id.as_str(), person.born_on) {
            Some(other) if other != person.born_on => {
                let message = format!("born on {other}, and on {}", person.born_on);
                complaints.add(&person.id, "persons.born_on", message);
            }
            Some(_) => {
                let message = "the same id stands for two entries";
                complaints.add(&person.id, "persons.id", message);
            }
            None => {}
        }
    }
    references(case, &known_persons(case), complaints);
}

fn references(case: &Case, known: &BTreeSet<&str>, complaints: &mut Complaints<'_>) {
    for hukou in &case.hukou {
        complaints.known("hukou.person", &hukou.person, known);
    }
    for marriage in &case.marriages {
        for spouse in &marriage.spouses {
            complaints.known("marriages.spouses", spouse, known);
        }
    }
    for adoption in &case.adoptions {
        complaints.known("adoptions.child", &adoption.child, known);
        if adoption.adopters.is_empty() {
            complaints.add(&adoption.child, "adoptions.adopters", "adopted by nobody");
        }
        let field = "adoptions.adopters";
        elders(
            case,
            &adoption.child,
            field,
            &adoption.adopters,
            known,
            complaints,
        );
    }
    for custody in &case.custody {
        let child = &custody.child;
        complaints.known("custody.child", child, known);
        elders(
            case,
            child,
            "custody.holders",
            &custody.holders,
            known,
            complaints,
        );
        let field = "custody.actual_carers";
        elders(
            case,
            child,
            field,
            &custody.actual_carers,
            known,
            complaints,
        );
    }
    for payment in &case.national_payments {
        complaints.known("national_payments.child", &payment.child, known);
    }
    for guardianship in &case.guardianships {
        let (child, guardian) = (&guardianship.child, &guardianship.guardian);
        complaints.known("guardianships.child", child, known);
        let field = "guardianships.guardian";
        elders(
            case,
            child,
            field,
            std::slice::from_ref(guardian),
            known,
            complaints,
        );
        if let Some(died_on) = died_on(case, guardian)
            && died_on < guardianship.from
        {
            let message = format!("guardian from {}, dead since {died_on}", guardianship.from);
            complaints.add(guardian, "guardianships.from", message);
        }
    }
}

/// Who is to bring up a child is known, named once, and older than the child.
fn elders(
    case: &Case,
    child: &str,
    field: &'static str,
    elders: &[String],
    known: &BTreeSet<&str>,
    complaints: &mut Complaints<'_>,
) {
    complaints.unique(field, elders.iter().map(String::as_str));
    for elder in elders {
        complaints.known(field, elder, known);
        let younger = born_on(case, elder) >= born_on(case, child);
        if born_on(case, elder).is_some() && younger {
            complaints.add(elder, field, format!("not older than the child `{child}`"));
        }
    }
}
