//! Every register silent at every stage, and what is decided without it: worked cases of facts that are
//! not known.

use yuhui_kernel::Calendar;
use yuhui_policy::{
    Decision, PolicyPack, Reason,
    case_file::{Case, CaseFile, CheckOutcome, Stage, check, play},
    evidence::{Evidence, replay},
    facts::names,
};

const UNKNOWN: &str = include_str!("data/cases_unknown.json");

fn cases() -> Vec<Case> {
    let file = CaseFile::parse(UNKNOWN).expect("the set is readable");
    file.cases
}

#[test]
fn every_case_is_decided_as_expected() {
    let mut differences = Vec::new();
    for case in &cases() {
        match check(case, PolicyPack::baotou(), Calendar::china()) {
            CheckOutcome::Checked(found) => differences.extend(found),
            CheckOutcome::NotHere => panic!("{} is not decided here", case.id),
        }
    }
    let lines: Vec<String> = differences.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn every_register_is_silent_at_every_stage() {
    let stages = [
        Stage::F1,
        Stage::F7,
        Stage::F10,
        Stage::F12,
        Stage::F13,
        Stage::F20,
    ];
    let cases = cases();
    for register in names::ALL {
        for stage in stages {
            let is_silent = |case: &&Case| {
                case.stage == Some(stage) && case.silent.iter().any(|it| it.register == register)
            };
            let found = cases.iter().find(is_silent);
            assert!(found.is_some(), "{register} at {stage:?}");
        }
    }
}

#[test]
fn what_waits_says_for_what_and_replays_to_the_byte() {
    let mut waited = 0;
    for case in &cases() {
        let pack = PolicyPack::baotou()
            .with_overrides(&case.params)
            .expect("known parameters");
        for played in play(case, &pack, Calendar::china()) {
            let found = &played.determination;
            if found.decision == Decision::Wait {
                waited += 1;
                let facts = found.findings.iter().flat_map(|it| &it.facts);
                assert!(
                    facts.filter(|it| it.state.is_some()).count() > 0,
                    "{}",
                    case.id
                );
                assert!(found.payees.is_empty() && found.amount.is_zero());
                assert_ne!(found.reason, None);
                assert_ne!(
                    found.reason,
                    Some(Reason::FactsContradict),
                    "an inquiry, no waiting"
                );
            }
            let (facts, claim) = (played.facts.clone(), played.claim.clone());
            let determination = played.determination.clone();
            let evidence = Evidence::of(
                facts,
                claim,
                played.progress,
                Calendar::china(),
                determination,
            );
            let read = Evidence::from_json(&evidence.to_json()).expect("readable");
            assert_eq!(read.hash(), evidence.hash(), "{}", case.id);
            replay(&read, &pack, Calendar::china()).expect("the same bytes");
        }
    }
    assert!(waited > 40, "{waited} wait");
}
