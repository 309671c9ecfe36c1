//! Who is who: ids and references.

use std::collections::BTreeSet;

use super::{Case, Complaints, known_persons};

pub(super) fn check(case: &Case, complaints: &mut Complaints<'_>) {
    let persons: BTreeSet<&str> = case.persons.iter().map(|it| it.id.as_str()).collect();
    complaints.unique("persons.id", case.persons.iter().map(|it| it.id.as_str()));
    let deliveries = case.births.iter().map(|birth| birth.delivery.as_str());
    complaints.unique("births.delivery", deliveries);
    parents(case, &persons, complaints);
    endings(case, complaints);
    references(case, &known_persons(case), complaints);
}

/// The hukou of the parents decides a claim; of other children's nobody asks it.
fn parents(case: &Case, persons: &BTreeSet<&str>, complaints: &mut Complaints<'_>) {
    let claimed: BTreeSet<&str> = { case.applications.iter() }
        .flat_map(|it| it.children.iter().map(String::as_str))
        .collect();
    for birth in &case.births {
        let mut children = birth.children.iter();
        if !children.any(|child| claimed.contains(child.id.as_str())) {
            continue;
        }
        let father = birth.father.as_deref();
        let both = [
            ("births.mother", Some(birth.mother.as_str())),
            ("births.father", father),
        ];
        for (field, parent) in both {
            if let Some(parent) = parent.filter(|id| !persons.contains(id)) {
                complaints.add(parent, field, "`persons` lists nobody of this id");
            }
        }
    }
}

/// A marriage that ended did so on a day, of itself or of a death.
fn endings(case: &Case, complaints: &mut Complaints<'_>) {
    use crate::case_file::EndedBy;
    for marriage in &case.marriages {
        if let (Some(EndedBy::Divorce), None) = (marriage.ended_by, marriage.to) {
            let [one, other] = &marriage.spouses;
            let message = format!("the marriage to `{other}` has an end without a day");
            complaints.add(one, "marriages.ended_by", message);
        }
    }
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
    let several = |complaints: &mut Complaints<'_>, field: &'static str, ids: &[String]| {
        complaints.unique(field, ids.iter().map(String::as_str));
        for id in ids {
            complaints.known(field, id, known);
        }
    };
    for adoption in &case.adoptions {
        complaints.known("adoptions.child", &adoption.child, known);
        several(complaints, "adoptions.adopters", &adoption.adopters);
    }
    for custody in &case.custody {
        complaints.known("custody.child", &custody.child, known);
        several(complaints, "custody.holders", &custody.holders);
        several(complaints, "custody.actual_carers", &custody.actual_carers);
    }
    for payment in &case.national_payments {
        complaints.known("national_payments.child", &payment.child, known);
    }
    for guardianship in &case.guardianships {
        complaints.known("guardianships.child", &guardianship.child, known);
        complaints.known("guardianships.guardian", &guardianship.guardian, known);
    }
}
