//! Who is who: ids, references, and what a person can be only once.

use std::collections::{BTreeMap, BTreeSet};

use super::{Case, Complaints, known_persons};

pub(super) fn check(case: &Case, complaints: &mut Complaints<'_>) {
    complaints.unique(
        "persons.id",
        case.persons.iter().map(|person| person.id.as_str()),
    );
    let deliveries = case.births.iter().map(|birth| birth.delivery.as_str());
    complaints.unique("births.delivery", deliveries);
    births(case, complaints);
    references(case, &known_persons(case), complaints);
}

/// One child is born once, on one day, of two people, and never of itself.
fn births(case: &Case, complaints: &mut Complaints<'_>) {
    let listed: BTreeMap<&str, time::Date> = case
        .persons
        .iter()
        .map(|person| (person.id.as_str(), person.born_on))
        .collect();
    let mut born = BTreeMap::new();
    for birth in &case.births {
        if birth.father.as_ref() == Some(&birth.mother) {
            complaints.add(
                &birth.mother,
                "births.father",
                "mother and father are one person",
            );
        }
        let orders = birth.children.iter().map(|child| child.order);
        if orders.collect::<BTreeSet<_>>().len() != birth.children.len() {
            let message = "two children of one delivery have the same order";
            complaints.add(&birth.delivery, "births.children.order", message);
        }
        for child in &birth.children {
            let field = "births.children.born_on";
            if let Some(other) = born.insert(child.id.as_str(), child.born_on) {
                let on = child.born_on;
                complaints.add(
                    &child.id,
                    field,
                    format!("born on {other}, and again on {on}"),
                );
            }
            if let Some(other) = listed.get(child.id.as_str())
                && *other != child.born_on
            {
                let message = format!(
                    "born on {} here, on {other} in `persons.born_on`",
                    child.born_on
                );
                complaints.add(&child.id, field, message);
            }
            for parent in [Some(&birth.mother), birth.father.as_ref()]
                .into_iter()
                .flatten()
            {
                if let Some(parent_born) = listed.get(parent.as_str())
                    && *parent_born >= child.born_on
                {
                    let message = format!("not older than the child `{}`", child.id);
                    complaints.add(parent, "births", message);
                }
            }
        }
    }
}

fn references(case: &Case, known: &BTreeSet<&str>, complaints: &mut Complaints<'_>) {
    for hukou in &case.hukou {
        complaints.known("hukou.person", &hukou.person, known);
    }
    for marriage in &case.marriages {
        let [one, other] = &marriage.spouses;
        complaints.known("marriages.spouses", one, known);
        complaints.known("marriages.spouses", other, known);
        if one == other {
            complaints.add(one, "marriages.spouses", "married to himself or herself");
        }
    }
    for adoption in &case.adoptions {
        complaints.known("adoptions.child", &adoption.child, known);
        for adopter in &adoption.adopters {
            complaints.known("adoptions.adopters", adopter, known);
        }
    }
    for custody in &case.custody {
        complaints.known("custody.child", &custody.child, known);
        for holder in &custody.holders {
            complaints.known("custody.holders", holder, known);
        }
        for carer in &custody.actual_carers {
            complaints.known("custody.actual_carers", carer, known);
        }
    }
    for payment in &case.national_payments {
        complaints.known("national_payments.child", &payment.child, known);
    }
    for guardianship in &case.guardianships {
        complaints.known("guardianships.child", &guardianship.child, known);
        complaints.known("guardianships.guardian", &guardianship.guardian, known);
    }
}
