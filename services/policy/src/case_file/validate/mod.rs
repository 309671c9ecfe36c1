//! Cases that contradict themselves or refer to nobody.

mod births;
mod claims;
mod dates;
mod institutions;
mod law;
mod marriages;
mod outcome;
mod people;
mod shape;

use std::collections::BTreeSet;

use super::{Case, Fault};
use crate::Policy;

/// All contradictions of a case; `first` if no case before it in the file has its id.
pub(super) fn contradictions(case: &Case, first: bool, policy: Policy) -> Vec<Fault> {
    let mut complaints = Complaints {
        case: &case.id,
        found: Vec::new(),
    };
    if !first {
        complaints.add(&case.id, "id", "another case has the same id");
    }
    law::check(case, policy, &mut complaints);
    shape::check(case, &mut complaints);
    people::check(case, &mut complaints);
    births::check(case, &mut complaints);
    marriages::check(case, &mut complaints);
    dates::check(case, &mut complaints);
    institutions::check(case, &mut complaints);
    claims::check(case, &mut complaints);
    outcome::check(case, policy, &mut complaints);
    complaints.found
}

/// Gathers the contradictions of one case.
struct Complaints<'a> {
    case: &'a str,
    found: Vec<Fault>,
}

impl Complaints<'_> {
    fn add(&mut self, subject: &str, field: &'static str, message: impl Into<String>) {
        self.found.push(Fault {
            case: self.case.to_owned(),
            subject: subject.to_owned(),
            field: field.into(),
            message: message.into(),
            at: None,
        });
    }

    /// Complains of every id that comes twice.
    fn unique<'i>(&mut self, field: &'static str, ids: impl Iterator<Item = &'i str>) {
        let mut seen = BTreeSet::new();
        for id in ids {
            if !seen.insert(id) {
                self.add(id, field, "the same id stands for two entries");
            }
        }
    }

    /// Complains unless `id` is known.
    fn known(&mut self, field: &'static str, id: &str, known: &BTreeSet<&str>) {
        if !known.contains(id) {
            self.add(id, field, "the case knows nobody of this id");
        }
    }
}

/// Everyone the case knows: `persons`, the children of `births` and their parents, who need not be
/// listed.
fn known_persons(case: &Case) -> BTreeSet<&str> {
    let listed = case.persons.iter().map(|person| person.id.as_str());
    let born = case.births.iter().flat_map(|birth| {
        let children = birth.children.iter().map(|child| child.id.as_str());
        children
            .chain([birth.mother.as_str()])
            .chain(birth.father.as_deref())
    });
    listed.chain(born).collect()
}
