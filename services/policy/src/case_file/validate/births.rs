//! Deliveries: one child is born once, on one day, of two people who can have had it.

use std::collections::{BTreeMap, BTreeSet};

use time::{Date, Duration};

use super::{Case, Complaints, dates::died_on};
use crate::case_file::{Birth, Sex};

/// Children of one delivery are never born further apart.
const LONGEST_DELIVERY: Duration = Duration::days(90);

/// Two deliveries of one mother are never closer.
const SHORTEST_PREGNANCY: Duration = Duration::days(150);

pub(super) fn check(case: &Case, complaints: &mut Complaints<'_>) {
    let deliveries = case.births.iter().map(|birth| birth.delivery.as_str());
    complaints.unique("births.delivery", deliveries);
    let mut born = BTreeMap::new();
    for birth in &case.births {
        parents(case, birth, complaints);
        delivery(birth, complaints);
        for child in &birth.children {
            let on = child.born_on;
            if let Some(other) = born.insert(child.id.as_str(), on) {
                let message = format!("born on {other}, and again on {on}");
                complaints.add(&child.id, "births.children.born_on", message);
            }
            let listed = case.persons.iter().find(|person| person.id == child.id);
            if let Some(other) = listed.map(|it| it.born_on).filter(|it| *it != on) {
                let message = format!("born on {on} here, on {other} in `persons.born_on`");
                complaints.add(&child.id, "births.children.born_on", message);
            }
        }
    }
    pregnancies(case, complaints);
}

/// A woman and a man, both older than the child, and the mother alive.
fn parents(case: &Case, birth: &Birth, complaints: &mut Complaints<'_>) {
    let mother = birth.mother.as_str();
    if birth.father.as_deref() == Some(mother) {
        let message = "mother and father are one person";
        complaints.add(mother, "births.father", message);
    }
    let both = [
        (Some(mother), Sex::F, "births.mother"),
        (birth.father.as_deref(), Sex::M, "births.father"),
    ];
    for (parent, sex, field) in both {
        let Some(parent) = parent else { continue };
        let Some(person) = case.persons.iter().find(|person| person.id == parent) else {
            // The hukou of the parents decides a claim; of other children's nobody asks it.
            if is_claimed_for(case, birth) {
                complaints.add(parent, field, "`persons` lists nobody of this id");
            }
            continue;
        };
        if person.sex != sex {
            let message = format!("of sex {:?} in `persons.sex`", person.sex);
            complaints.add(&person.id, field, message);
        }
        for child in &birth.children {
            if person.born_on >= child.born_on {
                let message = format!("not older than the child `{}`", child.id);
                complaints.add(&person.id, "births", message);
            }
        }
    }
    let latest = birth.children.iter().map(|child| child.born_on).max();
    if let Some(died_on) = died_on(case, mother)
        && latest > Some(died_on)
    {
        let message = format!("delivered after her death on {died_on}");
        complaints.add(mother, "births.mother", message);
    }
}

/// Whether a family claims for a child of the delivery.
fn is_claimed_for(case: &Case, birth: &Birth) -> bool {
    let mut claimed = case.applications.iter().flat_map(|it| &it.children);
    claimed.any(|id| birth.children.iter().any(|child| child.id == *id))
}

/// Some children, in the order in which they came.
fn delivery(birth: &Birth, complaints: &mut Complaints<'_>) {
    let name = birth.delivery.as_str();
    let days: BTreeMap<u32, Date> = { birth.children.iter() }
        .map(|child| (child.order, child.born_on))
        .collect();
    if birth.children.is_empty() {
        complaints.add(name, "births.children", "a delivery of no child");
    }
    let field = "births.children.order";
    if days.contains_key(&0) {
        complaints.add(name, field, "the order begins with 1");
    }
    if days.len() != birth.children.len() {
        let message = "two children of one delivery have the same order";
        complaints.add(name, field, message);
    }
    if !days.values().is_sorted() {
        let message = "a child born earlier comes later in the order";
        complaints.add(name, field, message);
    }
    let distinct: BTreeSet<Date> = days.into_values().collect();
    if let (Some(first), Some(last)) = (distinct.first(), distinct.last())
        && *last - *first > LONGEST_DELIVERY
    {
        let message = format!("one delivery, on {first} and on {last}");
        complaints.add(name, "births.children.born_on", message);
    }
}

fn pregnancies(case: &Case, complaints: &mut Complaints<'_>) {
    let first = |birth: &Birth| birth.children.iter().map(|child| child.born_on).min();
    let last = |birth: &Birth| birth.children.iter().map(|child| child.born_on).max();
    let mut births: Vec<&Birth> = case.births.iter().collect();
    births.sort_by_key(|birth| (&birth.mother, first(birth)));
    for pair in births.windows(2) {
        let [earlier, later] = pair else { continue };
        if earlier.mother == later.mother
            && let (Some(before), Some(after)) = (last(earlier), first(later))
            && after - before < SHORTEST_PREGNANCY
        {
            let message = format!(
                "deliveries `{}` on {before} and `{}` on {after}",
                earlier.delivery, later.delivery
            );
            complaints.add(&later.mother, "births.children.born_on", message);
        }
    }
}
