//! How the documents that a claim needs are there (C.3).

use time::Date;
use yuhui_policy::{
    Claim, Facts, Programme,
    facts::{InstitutionKind, names},
};

use super::{Circumstances, Document, filed::Filed, required};
use crate::domain::case;

/// Registers that answer for each document that they may stand for.
const ANSWERS_FOR: [(&str, &str); 9] = [
    ("IDENTITY_CARD", names::PUBLIC_SECURITY),
    ("HUKOU_BOOK", names::PUBLIC_SECURITY),
    ("MARRIAGE_CERTIFICATE", names::CIVIL_AFFAIRS),
    ("DEATH_OR_GUARDIANSHIP_CERTIFICATE", names::PUBLIC_SECURITY),
    ("BIRTH_CERTIFICATE", names::MATERNITY),
    ("BIRTH_SERVICE_REGISTRATION", names::MATERNITY),
    ("REGISTRATION_CERTIFICATE", names::INSTITUTION_REGISTRY),
    ("FILING_PROOF", names::INSTITUTION_REGISTRY),
    ("AFFORDABLE_RECOGNITION", names::INSTITUTION_REGISTRY),
];

/// How a document is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It was uploaded.
    Uploaded,
    /// The claim says that it was handed in on paper.
    Declared,
    /// A register answered for it.
    Register,
    /// It is not there.
    Missing,
}

/// A document that a claim needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item<'a> {
    /// What is needed.
    pub needed: &'static Document,
    /// How it is there.
    pub standing: Standing,
    /// Documents of the kind that stand.
    pub uploaded: Vec<&'a Filed>,
    /// Its original was compared.
    pub original_seen: bool,
}

/// How everything is there that a claim needs: what was uploaded and stands, what the claim declares, and what
/// the registers have answered.
pub fn checklist<'a>(
    programme: Programme,
    circumstances: Circumstances,
    filed: &'a [Filed],
    declared: &[case::Document],
    facts: &Facts,
) -> Vec<Item<'a>> {
    let of = |needed: &'static Document| {
        let kind = needed.kind;
        let stands = |it: &&Filed| it.kind.as_str() == kind && it.replaced_by.is_none();
        let uploaded: Vec<_> = filed.iter().filter(stands).collect();
        let mut on_paper = declared.iter().filter(|it| it.kind == kind);
        let seen = on_paper.clone().any(|it| it.original_seen)
            || uploaded.iter().any(|it| it.original_seen.is_some());
        let standing = match (uploaded.is_empty(), on_paper.next()) {
            (false, _) => Standing::Uploaded,
            (true, Some(_)) => Standing::Declared,
            (true, None) if answered(needed, facts) => Standing::Register,
            (true, None) => Standing::Missing,
        };
        Item {
            needed,
            standing,
            uploaded,
            original_seen: seen,
        }
    };
    required(programme, circumstances).map(of).collect()
}

/// Whether the register that may stand for a document has answered, and left nothing open.
fn answered(needed: &Document, facts: &Facts) -> bool {
    let register = ANSWERS_FOR.iter().find(|it| it.0 == needed.kind);
    register.is_some_and(|(_, register)| {
        needed.manner.register_replaces()
            && facts.answers.iter().any(|it| it.register == *register)
            && facts.gaps.iter().all(|it| it.register != *register)
    })
}

impl Circumstances {
    /// What the list depends on, as far as facts tell it on the day of lodging.
    pub fn of(facts: &Facts, claim: &Claim) -> Self {
        let child = &claim.subject;
        let by = |day: Date| day <= claim.lodged_on;
        let birth = facts
            .births
            .iter()
            .find(|it| it.children.iter().any(|born| born.id == *child));
        let parents: Vec<&String> = birth
            .map(|it| std::iter::once(&it.mother).chain(&it.father).collect())
            .unwrap_or_default();
        let of_parents = |spouses: &[String; 2]| spouses.iter().all(|it| parents.contains(&it));
        let mut marriages = facts
            .marriages
            .iter()
            .filter(|it| of_parents(&it.spouses) && by(it.from));
        let divorced = marriages.clone().any(|it| it.to.is_some_and(by));
        Self {
            married: marriages.next().is_some(),
            divorced: divorced
                || facts
                    .custody
                    .iter()
                    .any(|it| it.child == *child && by(it.from)),
            bereaved: facts
                .guardianships
                .iter()
                .any(|it| it.child == *child && by(it.from))
                || facts
                    .persons
                    .iter()
                    .any(|it| parents.contains(&&it.id) && it.died_on.is_some_and(by)),
            kindergarten: facts
                .institutions
                .iter()
                .any(|it| it.id == *child && it.kind == InstitutionKind::Kindergarten),
        }
    }
}
