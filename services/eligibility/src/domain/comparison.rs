//! Paper beside register beside rule (R-PRC-7), and what has changed since the rules were run before (R-PRC-8).

use std::collections::BTreeMap;

use yuhui_policy::{Determination, Finding, Outcome, facts::GapState};

use super::{Case, Kind, case::Document};

/// Digits of a blind reference.
const REFERENCE: usize = 64;
/// Where facts come from that are not a register's.
const CLAIM: &str = "CLAIM";
const PACK: &str = "POLICY_PACK";

/// Which documents of a claim prove what (C.3): a fact of the rules, or what is missing of one.
const PROVED_BY: &[(&str, &[&str])] = &[
    ("claim.names", &["IDENTITY_CARD"]),
    ("NAME", &["IDENTITY_CARD"]),
    ("child.hukou", &["HUKOU_BOOK"]),
    ("parents.hukou", &["HUKOU_BOOK"]),
    ("HUKOU", &["HUKOU_BOOK"]),
    ("PERSON", &["HUKOU_BOOK"]),
    ("parents.married_on", &["MARRIAGE_CERTIFICATE"]),
    ("MARRIAGE", &["MARRIAGE_CERTIFICATE", "DIVORCE_PAPERS"]),
    (
        "child.care",
        &[
            "MARRIAGE_CERTIFICATE",
            "DIVORCE_PAPERS",
            "DEATH_OR_GUARDIANSHIP_CERTIFICATE",
        ],
    ),
    ("CUSTODY", &["DIVORCE_PAPERS"]),
    ("GUARDIANSHIP", &["DEATH_OR_GUARDIANSHIP_CERTIFICATE"]),
    ("DEATH", &["DEATH_OR_GUARDIANSHIP_CERTIFICATE"]),
    ("child.parents", &["BIRTH_CERTIFICATE"]),
    ("child.born_on", &["BIRTH_CERTIFICATE"]),
    ("child.ordinal", &["BIRTH_CERTIFICATE"]),
    ("child.delivery_begins", &["BIRTH_CERTIFICATE"]),
    ("BIRTH", &["BIRTH_CERTIFICATE"]),
    ("SIBLINGS", &["BIRTH_CERTIFICATE"]),
    (
        "delivery.birth_service_registered_on",
        &["BIRTH_SERVICE_REGISTRATION"],
    ),
    ("BIRTH_SERVICE", &["BIRTH_SERVICE_REGISTRATION"]),
    ("child.institutions", &["ENROLMENT_AGREEMENT"]),
    ("child.months", &["ENROLMENT_AGREEMENT", "FEE_RECEIPT"]),
    ("ENROLMENT", &["ENROLMENT_AGREEMENT", "FEE_RECEIPT"]),
    ("institution.headcount", &["ENROLMENT_ROSTER"]),
    (
        "institution.certified_headcount",
        &["EDUCATION_CERTIFICATE"],
    ),
    ("CERTIFICATE", &["EDUCATION_CERTIFICATE"]),
    ("institution.registered_on", &["REGISTRATION_CERTIFICATE"]),
    ("institution.county", &["REGISTRATION_CERTIFICATE"]),
    ("institution.filed_on", &["FILING_PROOF"]),
    ("INSTITUTION", &["REGISTRATION_CERTIFICATE", "FILING_PROOF"]),
    (
        "institution.inclusive_recognised_on",
        &["AFFORDABLE_RECOGNITION"],
    ),
    ("institution.honours", &["HONOUR_CERTIFICATE"]),
    ("honour.granted_on", &["HONOUR_CERTIFICATE"]),
    ("HONOUR", &["HONOUR_CERTIFICATE"]),
];

/// Whether paper and register say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// 一致.
    Agrees,
    /// 不一致.
    Differs,
    /// The claim states nothing that could be compared.
    NotStated,
    /// 尚未核实.
    NotKnown,
    /// 登记信息相互矛盾.
    Contradicted,
}

/// What the claim says, as it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Stated<'a> {
    /// Name of the claimant or institution.
    pub claimant_name: &'a str,
    /// Number of the claimant, masked, or credit code.
    pub claimant_number: &'a str,
}

/// One fact that a decision rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared<'a> {
    /// What it is.
    pub fact: &'a str,
    /// What the claim says of it; empty if nothing.
    pub stated: String,
    /// Documents of the claim that prove it.
    pub documents: Vec<&'a Document>,
    /// Register that answers for it.
    pub register: &'a str,
    /// What the register answered; empty if it is not known.
    pub answered: String,
    /// Why it is not known.
    pub unknown: Option<GapState>,
    /// None of what only one side can say.
    pub agreement: Option<Agreement>,
    /// Day of the answer.
    pub fetched_on: Option<time::Date>,
    /// Rules that read it, as they found.
    pub rules: Vec<&'a Finding>,
}

/// Every fact that the rules read, once for each register, in the order in which they read them.
pub fn compared<'a>(
    case: &'a Case,
    stated: Stated<'_>,
    findings: &'a [Finding],
) -> Vec<Compared<'a>> {
    let mut all: Vec<Compared<'a>> = Vec::new();
    for finding in findings {
        // What the claim says of the place is read beside what the register says of it.
        let is_paired = |name: &str| finding.facts.iter().any(|it| it.name == name);
        let pairs = is_paired("claim.county")
            && (is_paired("child.hukou") || is_paired("institution.county"));
        for used in &finding.facts {
            if pairs && used.name == "claim.county" {
                continue;
            }
            let (fact, register) = (used.name.as_ref(), used.source.as_ref());
            let known = all
                .iter()
                .position(|it| (it.fact, it.register) == (fact, register));
            let at = known.unwrap_or_else(|| {
                let by_claim = register == CLAIM;
                let value = match fact {
                    "claim.claimant" => stated.claimant_number.to_owned(),
                    _ => told(case, &used.value),
                };
                all.push(Compared {
                    fact,
                    stated: match (by_claim, fact) {
                        (true, _) => value.clone(),
                        (false, "claim.names") => stated.claimant_name.to_owned(),
                        (false, "child.hukou" | "institution.county") => case.unit.to_string(),
                        (false, _) => String::new(),
                    },
                    documents: proving(case, fact),
                    register,
                    answered: match by_claim || used.state.is_some() {
                        true => String::new(),
                        false => value,
                    },
                    unknown: used.state,
                    agreement: match register {
                        CLAIM | PACK => None,
                        _ => Some(agreement(fact, &used.value, used.state)),
                    },
                    fetched_on: used.answered_on,
                    rules: Vec::new(),
                });
                all.len() - 1
            });
            if let Some(one) = all.get_mut(at) {
                if pairs && matches!(fact, "child.hukou" | "institution.county") {
                    one.agreement = match finding.outcome {
                        Outcome::Pass => Some(Agreement::Agrees),
                        Outcome::Fail => Some(Agreement::Differs),
                        _ => one.agreement,
                    };
                }
                one.rules.push(finding);
            }
        }
    }
    all
}

fn agreement(fact: &str, value: &str, state: Option<GapState>) -> Agreement {
    match (state, fact, value) {
        (Some(GapState::Contradicted), ..) => Agreement::Contradicted,
        (Some(_), ..) => Agreement::NotKnown,
        (None, "claim.names", "MATCH") => Agreement::Agrees,
        (None, "claim.names", "MISMATCH" | "NO_SUCH_NUMBER") => Agreement::Differs,
        (None, "claim.names", _) => Agreement::NotKnown,
        (None, ..) => Agreement::NotStated,
    }
}

fn proving<'a>(case: &'a Case, fact: &str) -> Vec<&'a Document> {
    let kinds = PROVED_BY.iter().find(|(name, _)| *name == fact);
    let kinds = kinds.map_or(&[][..], |(_, kinds)| kinds);
    let documents = case.documents.iter();
    documents
        .filter(|it| kinds.contains(&it.kind.as_str()))
        .collect()
}

/// What somebody is to a case; his reference says nothing to a reader.
pub fn role(case: &Case, reference: &str) -> &'static str {
    if reference == case.subject_ref {
        match case.kind() {
            Kind::Family => "CHILD",
            Kind::Institution => "INSTITUTION",
        }
    } else if reference == case.claimant_ref {
        "CLAIMANT"
    } else if case.parties.iter().any(|it| it == reference) {
        "PARENT"
    } else {
        "OTHER"
    }
}

/// A value in which people are told by what they are to the case.
fn told(case: &Case, value: &str) -> String {
    let mut told = String::with_capacity(value.len());
    let mut rest = value;
    while !rest.is_empty() {
        let digits = |it: char| it.is_ascii_digit() || ('a'..='f').contains(&it);
        let end = rest.find(|it| !digits(it)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        told.push_str(if run.len() == REFERENCE {
            role(case, run)
        } else {
            run
        });
        let next = after.find(digits).unwrap_or(after.len());
        let (other, after) = after.split_at(next);
        told.push_str(other);
        rest = after;
    }
    told
}

/// A value that is another one than before.
pub type Changed = (String, String, String);

/// Facts and rules of which the later determination says otherwise than the earlier.
pub fn changed(case: &Case, before: &Determination, after: &Determination) -> [Vec<Changed>; 2] {
    let facts = |it: &Determination| {
        let used = it.findings.iter().flat_map(|it| &it.facts);
        let values = used.map(|it| {
            let value = match it.state {
                Some(state) => state.code().to_owned(),
                None => told(case, &it.value),
            };
            (format!("{} {}", it.name, it.source), value)
        });
        collected(values)
    };
    let rules = |it: &Determination| {
        let outcomes = it.findings.iter();
        collected(outcomes.map(|it| (it.rule.to_string(), it.outcome.code().to_owned())))
    };
    [
        differing(&facts(before), &facts(after)),
        differing(&rules(before), &rules(after)),
    ]
}

/// What there is of each name, in the order in which it comes.
pub fn collected(all: impl Iterator<Item = (String, String)>) -> BTreeMap<String, String> {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in all {
        let known = values.entry(name).or_default();
        if !known.contains(&value) {
            known.push(value);
        }
    }
    let values = values.into_iter();
    values.map(|(name, all)| (name, all.join(", "))).collect()
}

/// Names with another value before than after.
pub fn differing(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Vec<Changed> {
    let names = before
        .keys()
        .chain(after.keys().filter(|it| !before.contains_key(*it)));
    let value =
        |of: &BTreeMap<String, String>, name: &str| of.get(name).cloned().unwrap_or_default();
    let both = names.map(|it| (it.clone(), value(before, it), value(after, it)));
    let mut changed: Vec<Changed> = both.filter(|(_, before, after)| before != after).collect();
    changed.sort_unstable();
    changed
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;
    use uuid::Uuid;
    use yuhui_kernel::{Citation, Tenant};
    use yuhui_policy::{FactUsed, Programme};

    use super::*;

    fn case() -> Case {
        let county = Tenant::parse("150203").expect("a county");
        let village = "150203002001".parse().expect("a village");
        let at = OffsetDateTime::UNIX_EPOCH;
        let mut case = Case::draft(Uuid::nil(), county, village, Programme::P1, at);
        case.claimant_ref = "a".repeat(REFERENCE);
        case.subject_ref = "b".repeat(REFERENCE);
        case.documents.push(Document {
            kind: "HUKOU_BOOK".into(),
            digest: String::new(),
            original_seen: true,
        });
        case
    }

    fn fact(name: &'static str, value: &str, source: &'static str) -> FactUsed {
        FactUsed {
            name: name.into(),
            value: value.to_owned().into(),
            source: source.into(),
            answered_on: None,
            state: None,
        }
    }

    fn finding(rule: &'static str, outcome: Outcome, facts: Vec<FactUsed>) -> Finding {
        Finding {
            rule: rule.into(),
            clause: Citation::known("六3"),
            outcome,
            reason: None,
            facts,
            note: "".into(),
        }
    }

    #[test]
    fn paper_register_and_rule_stand_beside_each_other() {
        let case = case();
        let missing = FactUsed {
            state: Some(GapState::Contradicted),
            ..fact("MARRIAGE", &case.subject_ref, "CIVIL_AFFAIRS")
        };
        let findings = [
            finding(
                "R-PRC-7",
                Outcome::Refer,
                vec![fact("claim.names", "MISMATCH", "PUBLIC_SECURITY")],
            ),
            finding(
                "R-P1-10",
                Outcome::Pass,
                vec![
                    fact("child.hukou", "昆都仑区", "PUBLIC_SECURITY"),
                    fact("claim.county", "150203", "CLAIM"),
                ],
            ),
            finding(
                "R-P1-4",
                Outcome::Pass,
                vec![
                    fact("child.hukou", "昆都仑区", "PUBLIC_SECURITY"),
                    fact("claim.claimant", &case.claimant_ref, "CLAIM"),
                ],
            ),
            finding("R-P1-6", Outcome::Unknown, vec![missing]),
        ];
        let stated = Stated {
            claimant_name: "张某",
            claimant_number: "150299********0015",
        };
        let all = compared(&case, stated, &findings);
        let short: Vec<_> = all
            .iter()
            .map(|it| {
                (
                    it.fact,
                    it.stated.as_str(),
                    it.answered.as_str(),
                    it.agreement,
                )
            })
            .collect();
        assert_eq!(
            short,
            [
                ("claim.names", "张某", "MISMATCH", Some(Agreement::Differs)),
                (
                    "child.hukou",
                    "150203002001",
                    "昆都仑区",
                    Some(Agreement::Agrees)
                ),
                ("claim.claimant", "150299********0015", "", None),
                ("MARRIAGE", "", "", Some(Agreement::Contradicted)),
            ]
        );
        assert_eq!(all[1].rules.len(), 2, "read by two rules");
        assert_eq!(
            all[1].documents.len(),
            1,
            "proved by the household register"
        );
    }

    #[test]
    fn people_are_told_by_what_they_are() {
        let case = case();
        let (mother, child) = (&case.claimant_ref, &case.subject_ref);
        let stranger = "c".repeat(REFERENCE);
        assert_eq!(
            told(
                &case,
                &format!("{mother}, {child}、{stranger} 2025-03-01/2025")
            ),
            "CLAIMANT, CHILD、OTHER 2025-03-01/2025"
        );
        assert_eq!(told(&case, "昆都仑区"), "昆都仑区");
    }

    #[test]
    fn what_has_changed_is_told_with_both_values() {
        let map = |all: &[(&str, &str)]| {
            collected(all.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())))
        };
        let before = map(&[("a", "1"), ("b", "2"), ("b", "2"), ("c", "3")]);
        let after = map(&[("a", "1"), ("b", "4"), ("d", "5")]);
        let told = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(
            differing(&before, &after),
            [told("b", "2", "4"), told("c", "3", ""), told("d", "", "5")]
        );
    }

    #[test]
    fn every_document_is_of_a_kind() {
        use crate::domain::documents::kind::DocumentKind;
        for kind in PROVED_BY.iter().flat_map(|(_, kinds)| *kinds) {
            assert!(DocumentKind::parse(kind).is_some(), "{kind}");
        }
    }
}
