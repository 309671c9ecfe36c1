//! From a case to what the rules read: claims, and facts as the registers would answer them.

use std::{borrow::Cow, collections::BTreeMap};

use time::Date;

use super::{Application, Case, Enrolment, Institution};
use crate::{Claim, Facts, Programme, facts};

/// Id of the claim for one child or institution of an application, e.g. `a2/c1`.
#[must_use]
pub fn claim_id(application: &str, subject: &str) -> String {
    format!("{application}/{subject}")
}

/// The claims of an application: one per child, or one for the institution.
#[must_use]
pub fn claims_of(application: &Application) -> Vec<Claim> {
    let subjects = application.children.iter().chain(&application.institution);
    subjects
        .map(|subject| claim(application, subject))
        .collect()
}

/// The claim for `subject`, and the facts of the case on which it is decided. What has become of
/// other claims is no register's answer but follows from time, so `other_claims` is left empty
/// here; [`play`](super::play) fills it.
#[must_use]
pub fn facts_of(case: &Case, application: &Application, subject: &str) -> (Claim, Facts) {
    let claim = claim(application, subject);
    let facts = Facts {
        frauds: frauds(case)
            .remove(claim.claimant.as_str())
            .unwrap_or_default(),
        answers: answers(case, &claim),
        ..common_facts(case)
    };
    (claim, facts)
}

/// The facts that are the same for every claim of the case.
pub(super) fn common_facts(case: &Case) -> Facts {
    Facts {
        persons: case.persons.iter().map(person).collect(),
        hukou: case.hukou.iter().map(hukou).collect(),
        marriages: case.marriages.iter().map(marriage).collect(),
        births: case.births.iter().map(delivery).collect(),
        adoptions: case.adoptions.iter().map(adoption).collect(),
        custody: case.custody.iter().map(custody).collect(),
        guardianships: case.guardianships.iter().map(guardianship).collect(),
        institutions: case.institutions.iter().map(institution).collect(),
        enrolments: enrolments(case),
        national_payments: case.national_payments.iter().map(payment).collect(),
        model: case.model,
        ..Facts::default()
    }
}

/// The facts of a claim without what the case says is not known.
pub(super) fn as_told<'a>(case: &Case, claim: &Claim, facts: &'a Facts) -> Cow<'a, Facts> {
    if case.gaps.is_empty() && case.silent.is_empty() {
        return Cow::Borrowed(facts);
    }
    let mut told = facts.clone();
    for silent in &case.silent {
        told.silence_register(&silent.register, claim, silent.state, silent.from);
    }
    for unknown in &case.gaps {
        told.silence(unknown.gap());
    }
    Cow::Owned(told)
}

fn claim(application: &Application, subject: &str) -> Claim {
    let claimant = application.applicant.as_deref().unwrap_or(subject);
    Claim {
        id: claim_id(&application.id, subject),
        programme: application.programme,
        claimant: claimant.to_owned(),
        subject: subject.to_owned(),
        county: application.county,
        lodged_on: application.lodged_on,
        subsidy_year: application.subsidy_year,
        taken_over_on: None,
    }
}

fn person(person: &super::Person) -> facts::Person {
    facts::Person {
        id: person.id.clone(),
        born_on: person.born_on,
        died_on: person.died_on,
    }
}

fn hukou(hukou: &super::Hukou) -> facts::Hukou {
    facts::Hukou {
        person: hukou.person.clone(),
        county: hukou.county,
        from: hukou.from,
        to: hukou.to,
    }
}

fn marriage(marriage: &super::Marriage) -> facts::Marriage {
    facts::Marriage {
        spouses: marriage.spouses.clone(),
        from: marriage.from,
        to: marriage.to,
    }
}

fn delivery(birth: &super::Birth) -> facts::Delivery {
    let children = birth.children.iter().map(|child| facts::Born {
        id: child.id.clone(),
        born_on: child.born_on,
        order: child.order,
        live: child.live,
    });
    facts::Delivery {
        delivery: birth.delivery.clone(),
        mother: birth.mother.clone(),
        father: birth.father.clone(),
        birth_service_registered_on: birth.birth_service_registered_on,
        children: children.collect(),
    }
}

fn adoption(adoption: &super::Adoption) -> facts::Adoption {
    facts::Adoption {
        child: adoption.child.clone(),
        adopters: adoption.adopters.clone(),
        on: adoption.on,
    }
}

fn custody(custody: &super::Custody) -> facts::Custody {
    facts::Custody {
        child: custody.child.clone(),
        holders: custody.holders.clone(),
        actual_carers: custody.actual_carers.clone(),
        from: custody.from,
        to: custody.to,
    }
}

fn guardianship(guardianship: &super::Guardianship) -> facts::Guardianship {
    facts::Guardianship {
        child: guardianship.child.clone(),
        guardian: guardianship.guardian.clone(),
        from: guardianship.from,
        to: guardianship.to,
    }
}

fn payment(payment: &super::NationalPayment) -> facts::NationalPayment {
    facts::NationalPayment {
        child: payment.child.clone(),
        amount: payment.amount,
        on: payment.on,
        for_year: payment.year,
    }
}

fn institution(institution: &Institution) -> facts::Institution {
    let suspensions = institution.suspensions.iter().map(|s| facts::Suspension {
        from: s.from,
        to: s.to,
    });
    let honours = institution.honours.iter().map(|honour| facts::Honour {
        level: honour.level,
        granted_on: honour.granted_on,
    });
    facts::Institution {
        id: institution.id.clone(),
        kind: institution.kind,
        county: institution.county,
        registered_on: institution.registered_on,
        filed_on: institution.filed_on,
        education_approved_on: institution.education_approved_on,
        inclusive_recognised_on: institution.inclusive_recognised_on,
        suspensions: suspensions.collect(),
        honours: honours.collect(),
        certified_headcount: institution.certified_headcount.clone(),
    }
}

/// Stays of named children, and one per child of every anonymous group: `i1#g2#07` is the seventh
/// child of the group in the second entry, at institution `i1`.
fn enrolments(case: &Case) -> Vec<facts::Enrolment> {
    let mut stays = Vec::new();
    let born_on = birth_dates(case);
    for (index, entry) in case.enrolments.iter().enumerate() {
        let stay = |child: String, born_on: Date| facts::Enrolment {
            child,
            born_on,
            institution: entry.institution.clone(),
            from: entry.from,
            to: entry.to,
            fee_receipts: entry.fee_receipts,
        };
        match entry {
            Enrolment {
                child: Some(child), ..
            } => {
                // A child without a birth date was refused when the file was read.
                let born_on = born_on.get(child.as_str()).copied().unwrap_or(entry.from);
                stays.push(stay(child.clone(), born_on));
            }
            Enrolment {
                count: Some(count),
                born_on: Some(born_on),
                ..
            } => {
                let group = index + 1;
                stays.extend((1..=*count).map(|number| {
                    let child = format!("{}#g{group}#{number:02}", entry.institution);
                    stay(child, *born_on)
                }));
            }
            Enrolment { .. } => {}
        }
    }
    stays
}

/// Birth dates, from `persons` before `births`.
fn birth_dates(case: &Case) -> BTreeMap<&str, Date> {
    let children = case.births.iter().flat_map(|birth| &birth.children);
    let born = children.map(|child| (child.id.as_str(), child.born_on));
    let listed = case.persons.iter();
    let listed = listed.map(|person| (person.id.as_str(), person.born_on));
    born.chain(listed).collect()
}

/// Findings of fraud by claimant. A finding names an application and taints every claim in it.
pub(super) fn frauds(case: &Case) -> BTreeMap<&str, Vec<facts::FraudFinding>> {
    let mut frauds: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for finding in &case.findings {
        let applications = case.applications.iter();
        for tainted in applications.filter(|it| it.id == finding.application) {
            for subject in tainted.children.iter().chain(&tainted.institution) {
                let claimant = tainted.applicant.as_deref().unwrap_or(subject);
                frauds
                    .entry(claimant)
                    .or_default()
                    .push(facts::FraudFinding {
                        claimant: claimant.to_owned(),
                        claim: claim_id(&tainted.id, subject),
                        found_on: finding.found_on,
                    });
            }
        }
    }
    frauds
}

/// One answer per register the programme asks, on the day of lodging.
pub(super) fn answers(case: &Case, claim: &Claim) -> Vec<facts::Answer> {
    let registers: &[&str] = match claim.programme {
        Programme::P1 => &[
            "PUBLIC_SECURITY",
            "CIVIL_AFFAIRS",
            "MATERNITY",
            "CLAIM_INDEX",
        ],
        Programme::P2 => &[
            "PUBLIC_SECURITY",
            "CIVIL_AFFAIRS",
            "MATERNITY",
            "INSTITUTION_REGISTRY",
            "CLAIM_INDEX",
        ],
        Programme::P3 | Programme::P4 => &["INSTITUTION_REGISTRY", "CLAIM_INDEX"],
        Programme::N1 => &[
            "PUBLIC_SECURITY",
            "CIVIL_AFFAIRS",
            "MATERNITY",
            "CLAIM_INDEX",
            "NATIONAL_SYSTEM",
        ],
    };
    let answer = |register: &&str| facts::Answer {
        register: (*register).to_owned(),
        answered_on: claim.lodged_on,
        reference: format!("{}/{}", case.id, claim.id),
    };
    registers.iter().map(answer).collect()
}
