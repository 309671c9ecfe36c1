//! Files that are refused, and what they are told.

use serde_json::{Value, json};
use yuhui_kernel::Calendar;

use super::{CaseFile, CaseFileError, Contradiction, Played, facts_of, play};
use crate::PolicyPack;

/// The shared set.
pub(crate) fn shared() -> CaseFile {
    let text = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/data/cases_shared.json"
    ));
    CaseFile::parse(text).expect("the shared set is readable")
}

/// The claims of a case of the shared set, played.
pub(crate) fn played(id: &str) -> Vec<Played> {
    let file = shared();
    let case = file.cases.iter().find(|case| case.id == id);
    play(
        case.expect("a case of the set"),
        PolicyPack::baotou(),
        Calendar::china(),
    )
}

/// A family of two parents and two children with one application.
fn family() -> Value {
    json!({
        "id": "T-1", "kind": "family", "title": "t", "why": "w", "rules": [],
        "persons": [
            {"id": "mother", "sex": "F", "born_on": "1992-03-08", "died_on": null},
            {"id": "father", "sex": "M", "born_on": "1990-11-02", "died_on": null},
            {"id": "c1", "sex": "F", "born_on": "2019-06-01", "died_on": null}
        ],
        "hukou": [{"person": "c1", "county": "150203", "from": "2019-06-01", "to": null}],
        "marriages": [
            {"spouses": ["mother", "father"], "from": "2017-05-20", "to": null, "ended_by": null}
        ],
        "births": [{
            "delivery": "d1", "mother": "mother", "father": "father",
            "birth_service_registered_on": "2019-06-01",
            "children": [{"id": "c1", "born_on": "2019-06-01", "order": 1, "live": true}]
        }],
        "applications": [{
            "id": "a1", "programme": "P1", "applicant": "mother", "children": ["c1"],
            "county": "150203", "lodged_on": "2025-03-10"
        }],
        "expected": []
    })
}

fn file(case: Value) -> String {
    let file = json!({
        "schema": "baotou-policy-cases/1", "policy": "包府办发〔2024〕126号", "set": "test",
        "currency": "CNY", "amount_unit": "fen", "cases": [case]
    });
    serde_json::to_string_pretty(&file).expect("JSON")
}

/// What a family is told when the value at `pointer` is replaced.
fn told(pointer: &str, value: Value) -> Vec<Contradiction> {
    let mut case = family();
    *case.pointer_mut(pointer).expect("a place in the family") = value;
    match CaseFile::parse(&file(case)) {
        Err(CaseFileError::Contradictory(found)) => found,
        other => panic!("not refused as contradictory: {other:?}"),
    }
}

#[track_caller]
fn refused(pointer: &str, value: Value, subject: &str, field: &str) {
    let found = told(pointer, value);
    let named = found
        .iter()
        .any(|one| one.case == "T-1" && one.subject == subject && one.field == field);
    assert!(named, "{found:?}");
}

#[test]
fn the_family_itself_is_accepted() {
    let file = CaseFile::parse(&file(family())).expect("nothing is wrong with it");
    assert_eq!(file.cases.len(), 1);
}

#[test]
fn contradictions_name_case_person_and_field() {
    let found = told("/births/0/children/0/born_on", json!("2019-06-02"));
    let text = CaseFileError::Contradictory(found).to_string();
    assert_eq!(
        text,
        "case T-1, `c1`, field `births.children.born_on`: born on 2019-06-02 here, \
         on 2019-06-01 in `persons.born_on`"
    );
}

#[test]
fn a_child_is_born_once() {
    let child = |on: &str| json!({"id": "c1", "born_on": on, "order": 1, "live": true});
    let birth = |name: &str, on: &str| {
        json!({"delivery": name, "mother": "mother", "father": "father",
               "birth_service_registered_on": null, "children": [child(on)]})
    };
    let births = json!([birth("d1", "2019-06-01"), birth("d2", "2021-06-01")]);
    refused("/births", births, "c1", "births.children.born_on");
}

#[test]
fn intervals_and_lives_run_forward() {
    refused(
        "/marriages/0/to",
        json!("2017-05-19"),
        "mother",
        "marriages.to",
    );
    refused("/hukou/0/to", json!("2019-05-31"), "c1", "hukou.to");
    refused("/hukou/0/from", json!("2019-05-31"), "c1", "hukou.from");
    refused(
        "/persons/0/died_on",
        json!("1991-01-01"),
        "mother",
        "persons.died_on",
    );
    refused(
        "/persons/0/born_on",
        json!("2020-01-01"),
        "mother",
        "births",
    );
    refused(
        "/applications/0/lodged_on",
        json!("2019-05-31"),
        "c1",
        "applications.lodged_on",
    );
}

#[test]
fn nobody_is_in_two_places_or_marriages_at_once() {
    let hukou = |county: &str, from: &str, to: Value| json!({"person": "c1", "county": county, "from": from, "to": to});
    let overlapping = json!([
        hukou("150203", "2019-06-01", json!("2025-05-05")),
        hukou("110105", "2025-05-05", Value::Null)
    ]);
    refused("/hukou", overlapping, "c1", "hukou.from");
    let marriage = json!({"spouses": ["mother", "father"], "from": "2018-01-01", "to": null});
    let twice = json!([marriage, marriage]);
    refused("/marriages", twice, "mother", "marriages.from");
}

#[test]
fn unknown_references_are_refused() {
    refused("/hukou/0/person", json!("c9"), "c9", "hukou.person");
    refused(
        "/applications/0/children/0",
        json!("c9"),
        "c9",
        "applications.children",
    );
    refused(
        "/applications/0/applicant",
        json!("aunt"),
        "aunt",
        "applications.applicant",
    );
    let answer = json!([{"application": "a9", "child": "c1", "decision": "PAY", "amount_fen": 0}]);
    refused("/expected", answer, "a9", "expected.application");
}

#[test]
fn counties_are_six_digits_and_claims_stay_in_baotou() {
    refused("/hukou/0/county", json!("150203004"), "c1", "hukou.county");
    refused("/hukou/0/county", json!("150200"), "c1", "hukou.county");
    refused(
        "/applications/0/county",
        json!("150102"),
        "a1",
        "applications.county",
    );
}

#[test]
fn a_programme_names_what_it_needs() {
    refused(
        "/applications/0/programme",
        json!("P3"),
        "a1",
        "applications.programme",
    );
    refused(
        "/applications/0/programme",
        json!("P2"),
        "a1",
        "applications.subsidy_year",
    );
    refused("/kind", json!("funding"), "T-1", "persons");
}

#[test]
fn ids_are_unique() {
    let person = json!({"id": "c1", "sex": "F", "born_on": "2019-06-01", "died_on": null});
    refused("/persons", json!([person, person]), "c1", "persons.id");
}

/// Line and key of an unreadable file.
#[track_caller]
fn unreadable(text: &str) -> (usize, String, String) {
    match CaseFile::parse(text) {
        Err(CaseFileError::Unreadable {
            line,
            column,
            key,
            message,
        }) => {
            assert!(
                line > 0 && !message.contains("at line"),
                "{line}, {column}: {message}"
            );
            (line, key, message)
        }
        other => panic!("not refused as unreadable: {other:?}"),
    }
}

#[test]
fn unreadable_files_name_line_and_key() {
    let good = file(family());
    let line_of = |text: &str, part: &str| {
        let at = text.lines().position(|line| line.contains(part));
        at.expect("the part is there") + 1
    };
    let bad_date = good.replace("1992-03-08", "1992-02-30");
    let (line, key, _) = unreadable(&bad_date);
    assert_eq!(key, "cases[0].persons[0].born_on");
    assert_eq!(line, line_of(&bad_date, "1992-02-30"));

    let unknown_key = good.replace("\"sex\": \"M\"", "\"gender\": \"M\"");
    let (line, _, message) = unreadable(&unknown_key);
    assert!(message.contains("unknown field `gender`"), "{message}");
    assert_eq!(line, line_of(&unknown_key, "gender"));

    let letter = good.replace("\"150203\"", "\"15020x\"");
    assert_eq!(unreadable(&letter).1, "cases[0].applications[0].county");

    let cut = good.get(..good.len() / 2).expect("ASCII up to there");
    assert!(unreadable(cut).2.contains("EOF"));
    let twice = good.replace("\"sex\": \"M\"", "\"sex\": \"M\", \"sex\": \"F\"");
    assert!(unreadable(&twice).2.contains("duplicate field `sex`"));
}

#[test]
fn money_is_whole_fen() {
    let mut case = family();
    case["expected"] =
        json!([{"application": "a1", "child": "c1", "decision": "PAY", "amount_fen": 5000.5}]);
    let (_, key, message) = unreadable(&file(case));
    assert_eq!(key, "cases[0].expected[0].amount_fen");
    assert!(message.contains("floating point"), "{message}");
}

#[test]
fn a_file_of_another_schema_is_called_that() {
    let other = file(family()).replace("baotou-policy-cases/1", "baotou-policy-cases/2");
    let error = CaseFile::parse(&other).expect_err("another schema");
    let expected = "key `schema` is `baotou-policy-cases/2`, not `baotou-policy-cases/1`";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn groups_are_counted_out_and_findings_taint_every_claim() {
    let mut case = family();
    case["institutions"] = json!([{"id": "i1", "kind": "NURSERY", "county": "150203"}]);
    case["enrolments"] = json!([
        {"child": "c1", "institution": "i1", "from": "2021-01-01", "to": null, "fee_receipts": true},
        {"institution": "i1", "count": 12, "born_on": "2022-05-01", "from": "2024-01-01",
         "to": "2024-12-31", "fee_receipts": true}
    ]);
    case["findings"] = json!([{"application": "a1", "kind": "FRAUD", "found_on": "2025-09-02"}]);
    let file = CaseFile::parse(&file(case)).expect("readable");
    let case = file.cases.first().expect("one case");
    let application = case.applications.first().expect("one application");
    let (claim, facts) = facts_of(case, application, "c1");
    assert_eq!(claim.id, "a1/c1");
    let children: Vec<&str> = facts
        .enrolments
        .iter()
        .map(|stay| stay.child.as_str())
        .collect();
    assert_eq!(children.len(), 13);
    assert_eq!(children.get(7), Some(&"i1#g2#07"));
    assert_eq!(
        facts.frauds.first().map(|fraud| fraud.claim.as_str()),
        Some("a1/c1")
    );
}
