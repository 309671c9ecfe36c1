//! Every step of the law has a method: `tests/data/steps.tsv` names them, step by step of POLICY's parts C, E, F, G and
//! I, and what has none yet says so.

use std::collections::{BTreeMap, BTreeSet};

use crate::harness::contract::methods;

const STEPS: &str = include_str!("../data/steps.tsv");

/// Steps that nobody can take yet. Whoever adds the method takes its line out.
const NOT_YET: &[&str] = &[];

fn steps() -> BTreeMap<&'static str, Vec<&'static str>> {
    let lines = STEPS
        .lines()
        .filter(|it| !it.starts_with('#') && !it.is_empty());
    let mut steps: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in lines.skip(1) {
        let mut cells = line.split('\t');
        let step = cells.next().expect("a step");
        let methods = cells.next().unwrap_or_default().split(' ');
        steps
            .entry(step)
            .or_default()
            .extend(methods.filter(|it| !it.is_empty()));
    }
    steps
}

#[test]
fn every_transition_duty_and_journal_is_a_step() {
    let steps = steps();
    let transitions = (1..=32).map(|it| format!("F{it}"));
    let institutions = (1..=8).map(|it| format!("I{it}"));
    let year = (1..=9).map(|it| format!("C.{it}"));
    let annexes = (1..=12).map(|it| format!("E.{it}"));
    let journals = [
        "CONFIRM_ROSTER",
        "RECOGNISE_SHARES",
        "RECEIVE_CITY",
        "RECEIVE_COUNTY",
        "SEND_BATCH",
        "BANK_PAID",
        "BANK_RETURNED",
        "REISSUE",
        "TERMINATE_UNPAID",
        "LAPSE_RETURNED",
        "CLAWBACK_DECIDED",
        "CLAWBACK_RECOVERED",
        "CLAWBACK_WRITTEN_OFF",
        "REMIT_CITY",
        "REMIT_COUNTY",
        "YEAR_CLOSE",
    ];
    let journals = journals.into_iter().map(|it| format!("F.3 {it}"));
    let all = transitions
        .chain(institutions)
        .chain(year)
        .chain(annexes)
        .chain(journals);
    let missing: Vec<String> = all.filter(|it| !steps.contains_key(it.as_str())).collect();
    assert!(missing.is_empty(), "no line: {missing:?}");
}

#[test]
fn every_step_names_methods_that_are_there() {
    let all: BTreeSet<String> = methods()
        .map(|it| format!("{}.{}", it.parent_service().name(), it.name()))
        .collect();
    let mut without = BTreeSet::new();
    for (step, named) in steps() {
        let gone: Vec<_> = named.iter().filter(|it| !all.contains(**it)).collect();
        assert!(gone.is_empty(), "{step}: no such method {gone:?}");
        if named.is_empty() {
            without.insert(step);
        }
    }
    assert_eq!(without, NOT_YET.iter().copied().collect());
}
