//! Cases that contradict themselves or refer to nobody.

mod claims;
mod institutions;
mod law;
mod limits;
mod outcome;
mod people;
mod plausible;
mod shape;
mod unknown;

use std::collections::BTreeSet;

use yuhui_kernel::plausibility::Severity;

use super::{Case, Fault};
use crate::Policy;

/// Most faults told of one case.
const TOLD: usize = 20;

/// All contradictions of a case, and what is rare in it.
pub(super) fn contradictions(case: &Case, policy: Policy) -> (Vec<Fault>, Vec<Fault>) {
    let mut complaints = Complaints {
        case: &case.id,
        found: Vec::new(),
        more: 0,
    };
    limits::check(case, &mut complaints);
    law::check(case, policy, &mut complaints);
    shape::check(case, &mut complaints);
    people::check(case, &mut complaints);
    institutions::check(case, &mut complaints);
    claims::check(case, &mut complaints);
    outcome::check(case, policy, &mut complaints);
    unknown::check(case, &mut complaints);
    let mut rare = Complaints {
        case: &case.id,
        found: Vec::new(),
        more: 0,
    };
    for (severity, subject, field, message) in plausible::findings(case) {
        match severity {
            Severity::Refuse => complaints.add(&subject, field, message),
            Severity::Warn => rare.add(&subject, field, message),
        }
    }
    (complaints.finish(), rare.finish())
}

/// Gathers the contradictions of one case.
struct Complaints<'a> {
    case: &'a str,
    found: Vec<Fault>,
    more: usize,
}

impl Complaints<'_> {
    fn add(&mut self, subject: &str, field: &'static str, message: impl Into<String>) {
        if self.found.len() == TOLD {
            self.more += 1;
            return;
        }
        self.found.push(Fault {
            case: self.case.to_owned(),
            subject: subject.to_owned(),
            field: field.into(),
            message: message.into(),
            at: None,
        });
    }

    fn finish(mut self) -> Vec<Fault> {
        if self.more > 0 {
            self.found.push(Fault {
                case: self.case.to_owned(),
                subject: self.case.to_owned(),
                field: "cases".into(),
                message: format!("and {} more", self.more),
                at: None,
            });
        }
        self.found
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
