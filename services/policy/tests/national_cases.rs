//! Every case of the national childcare subsidy, decided by the rules.

use std::collections::BTreeSet;

use yuhui_kernel::Calendar;
use yuhui_policy::{
    AnyPack, Decision, NationalPack, Policy,
    case_file::{CaseFile, CheckOutcome, Kind, check, play},
    decide, determine,
    facts::{FactKind, Gap, GapState},
};

const NATIONAL: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/data/cases_national.json"
));

fn file() -> CaseFile {
    CaseFile::parse(NATIONAL).expect("the national set is readable")
}

#[test]
fn every_case_is_decided_as_expected() {
    let file = file();
    assert_eq!(file.law(), Policy::NationalChildcare);
    let mut differences = Vec::new();
    for case in &file.cases {
        match check(case, NationalPack::national(), Calendar::china()) {
            CheckOutcome::Checked(found) => differences.extend(found),
            CheckOutcome::NotHere => panic!("{} is no case of this law", case.id),
        }
    }
    let lines: Vec<String> = differences.iter().map(ToString::to_string).collect();
    assert!(
        lines.is_empty(),
        "{} differences\n{}",
        lines.len(),
        lines.join("\n")
    );
}

#[test]
fn every_rule_speaks_and_cites_its_own_law() {
    let mut spoken = BTreeSet::new();
    let mut named = BTreeSet::new();
    for case in file().cases.iter().filter(|it| it.kind == Kind::Family) {
        named.extend(case.rules.iter().cloned());
        let pack = NationalPack::national()
            .with_overrides(&case.params)
            .expect("known parameters");
        for played in play(case, &pack, Calendar::china()) {
            let found = &played.determination;
            assert!(found.cites.iter().all(|clause| clause.is_national()));
            let first = found.findings.iter().find_map(|finding| finding.reason);
            assert_eq!(found.reason, first, "{} {}", case.id, played.claim.id);
            for finding in &found.findings {
                spoken.insert(finding.rule.clone().into_owned());
                assert!(finding.note.ends_with('。') && !finding.facts.is_empty());
                assert!(finding.clause.is_national(), "{}", finding.rule);
            }
            let again = decide(
                &pack,
                Calendar::china(),
                &played.facts,
                &played.claim,
                &played.progress,
            );
            assert_eq!(again.decision, found.decision);
            assert_eq!(again.reason, found.reason);
            assert_eq!(again.amount, found.amount);
            assert_eq!(again.round, found.round);
            assert_eq!(again.clawback, found.clawback);
        }
    }
    let every: BTreeSet<String> = (1..=14).map(|number| format!("R-N-{number}")).collect();
    assert_eq!(spoken, every);
    assert_eq!(named, every, "each rule is exercised on purpose");
}

#[test]
fn a_pack_says_whose_it_is() {
    let text = NationalPack::national().to_toml();
    let read = AnyPack::from_toml(&text).expect("what was written is read");
    assert_eq!(read, AnyPack::embedded(Policy::NationalChildcare));
    let other = yuhui_policy::PolicyPack::from_toml(&text).expect_err("another law's");
    assert_eq!(
        other.to_string(),
        "it is a pack of `national-childcare`, not of `baotou-126`"
    );
    let unknown = text.replace("national-childcare\"", "regional\"");
    assert_eq!(
        AnyPack::from_toml(&unknown)
            .expect_err("no such law")
            .to_string(),
        "`pack.policy` must be baotou-126 or national-childcare, not `regional`"
    );
}

#[test]
fn silence_after_payment_says_what_it_waits_for() {
    let mut waited = 0;
    for case in file().cases.iter().filter(|it| it.kind == Kind::Family) {
        let pack = NationalPack::national()
            .with_overrides(&case.params)
            .expect("known parameters");
        for mut played in play(case, &pack, Calendar::china()) {
            let paid_on = played.progress.paid_on.filter(|_| played.progress.paid);
            let Some(from) = paid_on.and_then(|it| it.next_day()) else {
                continue;
            };
            played.progress.known_on = played.progress.known_on.max(from);
            played.facts.silence(Gap {
                fact: FactKind::Fraud,
                subject: played.claim.claimant.clone(),
                state: GapState::Stale,
                register: FactKind::Fraud.register().to_owned(),
                from: Some(from),
                to: None,
                candidates: Vec::new(),
            });
            let (facts, claim) = (&played.facts, &played.claim);
            let found = determine(&pack, Calendar::china(), facts, claim, &played.progress);
            if found.decision == Decision::Wait {
                waited += 1;
                let facts = found.findings.iter().flat_map(|it| &it.facts);
                assert!(
                    facts.filter(|it| it.state.is_some()).count() > 0,
                    "{}",
                    case.id
                );
            }
        }
    }
    assert!(waited > 10, "{waited} waited");
}
