//! Files that are refused, and what they are told.

use serde_json::{Value, json};
use yuhui_kernel::Calendar;

use super::{CaseFile, CaseFileError, CaseReader, Fault, Played, facts_of, play};
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
fn told(pointer: &str, value: Value) -> Vec<Fault> {
    let mut case = family();
    *case.pointer_mut(pointer).expect("a place in the family") = value;
    match CaseFile::parse(&file(case)) {
        Err(CaseFileError::Faulty(found)) => found,
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
    let text = CaseFileError::Faulty(found).to_string();
    assert_eq!(
        text,
        "case T-1, `c1`, field `births.children.born_on`: born on 2019-06-02 here, \
         on 2019-06-01 there"
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
        "births.mother",
    );
    refused(
        "/applications/0/lodged_on",
        json!("2019-05-31"),
        "c1",
        "applications.lodged_on",
    );
}

#[test]
fn nobody_acts_after_death() {
    let dead = |person: usize, on: &str, subject: &str, field: &str| {
        refused(
            &format!("/persons/{person}/died_on"),
            json!(on),
            subject,
            field,
        );
    };
    dead(0, "2019-05-31", "mother", "births.mother");
    dead(1, "2017-05-19", "father", "marriages.from");
    dead(0, "2025-03-09", "mother", "applications.applicant");
    let ended = json!([{"spouses": ["mother", "father"], "from": "2017-05-20",
        "to": "2024-01-01", "ended_by": "DEATH"}]);
    refused("/marriages", ended, "mother", "marriages.ended_by");
}

#[test]
fn a_child_has_a_mother_and_a_father_and_elders() {
    refused("/persons/0/sex", json!("M"), "mother", "births.mother");
    refused("/persons/1/sex", json!("F"), "father", "births.father");
    let mut case = family();
    case["guardianships"] = json!([{"child": "c1", "guardian": "c1", "from": "2024-01-01"}]);
    assert_eq!(fault(&file(case)).field, "guardianships.guardian");
    let mut case = family();
    case["adoptions"] = json!([{"child": "c1", "adopters": [], "on": "2024-01-01"}]);
    assert_eq!(fault(&file(case)).field, "adoptions.adopters");
    let mut case = family();
    let care = |from: &str| json!({"child": "c1", "holders": ["mother"], "from": from});
    case["custody"] = json!([care("2024-01-01"), care("2024-06-01")]);
    assert_eq!(fault(&file(case)).field, "custody.from");
}

#[test]
fn a_delivery_is_one_confinement() {
    let children = |days: &[(&str, u32)]| -> Value {
        let child = |(on, order): &(&str, u32)| json!({"id": format!("b{order}"), "born_on": on, "order": order, "live": true});
        days.iter().map(child).collect()
    };
    let birth = |name: &str, days: &[(&str, u32)]| json!({"delivery": name, "mother": "mother", "father": "father", "children": children(days)});
    let told = |births: Value| {
        let mut case = family();
        case["births"] = births;
        case["applications"] = json!([]);
        case["hukou"] = json!([]);
        CaseFile::parse(&file(case))
            .err()
            .map(|error| error.to_string())
    };
    let midnight = birth("d1", &[("2024-12-31", 1), ("2025-01-01", 2)]);
    assert_eq!(told(json!([midnight])), None);
    let wrong = [
        (json!([birth("d1", &[])]), "a delivery has 1 to 10 children"),
        (
            json!([birth("d1", &[("2024-12-31", 0)])]),
            "must be 1, 2, 3",
        ),
        (
            json!([birth("d1", &[("2025-01-01", 1), ("2024-12-31", 2)])]),
            "comes later",
        ),
        (
            json!([birth("d1", &[("2024-08-01", 1), ("2024-12-31", 2)])]),
            "one delivery",
        ),
        (
            json!([
                birth("d1", &[("2024-08-01", 1)]),
                birth("d2", &[("2024-12-01", 2)])
            ]),
            "deliveries `d1`",
        ),
    ];
    for (births, message) in wrong {
        let text = told(births).expect("refused");
        assert!(text.contains(message), "{text}");
    }
}

#[test]
fn nobody_is_in_two_places_or_marriages_at_once() {
    let hukou = |county: &str, from: &str, to: Value| json!({"person": "c1", "county": county, "from": from, "to": to});
    let overlapping = json!([
        hukou("150203", "2019-06-01", json!("2025-05-05")),
        hukou("110105", "2025-05-04", Value::Null)
    ]);
    refused("/hukou", overlapping, "c1", "hukou.from");
    let mut moving = family();
    moving["hukou"] = json!([
        hukou("150203", "2019-06-01", json!("2025-05-05")),
        hukou("110105", "2025-05-05", Value::Null)
    ]);
    assert!(
        CaseFile::parse(&file(moving)).is_ok(),
        "the day of the move"
    );
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
    refused("/hukou/0/county", json!("150299"), "c1", "hukou.county");
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
    let mut other = person.clone();
    other["born_on"] = json!("2019-06-02");
    let twice = json!([person, other]);
    refused("/persons", twice, "c1", "persons.born_on");
    let nobody = json!("nobody");
    refused("/births/0/mother", nobody, "nobody", "births.mother");
}

/// The cases of a file that can be read, and what is wrong with the others.
fn sifted(text: &str) -> (Vec<String>, Vec<Fault>) {
    let mut reader = CaseReader::new(text.as_bytes());
    let law = match reader.header().expect("a file of the schema") {
        Some(header) => header.law,
        None => {
            let header = reader.header_after_cases().expect("a file of the schema");
            reader = CaseReader::new(text.as_bytes());
            assert_eq!(reader.header(), Ok(None));
            header.law
        }
    };
    let (mut good, mut faults) = (Vec::new(), Vec::new());
    while let Some(raw) = reader.next_case().expect("a whole file") {
        match raw.read(law) {
            Ok((case, _)) => good.push(case.id),
            Err(found) => faults.extend(found),
        }
    }
    (good, faults)
}

/// The one fault of a file.
#[track_caller]
fn fault(text: &str) -> Fault {
    match CaseFile::parse(text) {
        Err(CaseFileError::Faulty(found)) if found.len() == 1 => {
            found.into_iter().next().expect("one")
        }
        other => panic!("not refused for one fault: {other:?}"),
    }
}

#[test]
fn what_cannot_be_read_names_case_person_field_and_place() {
    let good = file(family());
    let line_of = |text: &str, part: &str| {
        let at = text.lines().position(|line| line.contains(part));
        at.expect("the part is there") + 1
    };
    let bad_date = good.replace("1992-03-08", "1992-02-30");
    let found = fault(&bad_date);
    assert_eq!(
        (found.case.as_str(), found.subject.as_str()),
        ("T-1", "mother")
    );
    assert_eq!(found.field, "persons.born_on");
    assert!(found.message.starts_with("`1992-02-30`: "), "{found}");
    let (line, column) = found.at.expect("a place");
    assert_eq!(line, line_of(&bad_date, "1992-02-30"));
    assert!(column > 1);

    let unknown_key = good.replace("\"sex\": \"M\"", "\"gender\": \"M\"");
    let found = fault(&unknown_key);
    assert_eq!(
        (found.subject.as_str(), &*found.field),
        ("father", "persons.gender")
    );
    let without_key = good.replace("\"sex\": \"M\"", "\"died_on\": null");
    let found = fault(&without_key.replace("\"died_on\": null,\n", "\n"));
    assert_eq!(
        (found.subject.as_str(), &*found.field),
        ("father", "persons.sex")
    );
    assert_eq!(found.message, "missing field `sex`");

    let letter = good.replace("\"150203\"", "\"15020x\"");
    let found = fault(&letter);
    assert_eq!(
        (found.subject.as_str(), &*found.field),
        ("a1", "applications.county")
    );

    let twice = good.replace("\"sex\": \"M\"", "\"sex\": \"M\", \"sex\": \"F\"");
    let found = fault(&twice);
    assert_eq!(
        (found.subject.as_str(), &*found.field),
        ("father", "persons.sex")
    );
    assert!(found.message.contains("duplicate field `sex`"), "{found}");
}

#[test]
fn a_place_is_right_on_one_line_too() {
    let case = family().to_string().replace("1992-03-08", "1992-02-30");
    let text = file(serde_json::from_str(&case).expect("JSON"));
    let flat: Value = serde_json::from_str(&text).expect("JSON");
    let flat = flat.to_string();
    let (line, column) = fault(&flat).at.expect("a place");
    assert_eq!(line, 1);
    let before = flat.get(..column).expect("inside");
    assert!(
        before.trim_end_matches('"').ends_with("1992-02-30"),
        "{before}"
    );
}

#[test]
fn what_is_no_json_names_line_and_key() {
    let good = file(family());
    let cut = good.get(..good.len() / 2).expect("ASCII up to there");
    match CaseFile::parse(cut) {
        Err(CaseFileError::Unreadable { line, message, .. }) => {
            assert!(line > 1 && message.contains("the file ends"), "{message}");
        }
        other => panic!("not refused as unreadable: {other:?}"),
    }
}

#[test]
fn one_case_that_is_refused_hides_none_of_the_others() {
    let named = |id: &str| {
        let mut case = family();
        case["id"] = json!(id);
        case
    };
    let mut unreadable = named("T-2");
    unreadable["hukou"][0]["county"] = json!("999999");
    let mut contradictory = named("T-3");
    contradictory["marriages"][0]["to"] = json!("2016-01-01");
    let mut text: Value = serde_json::from_str(&file(named("T-1"))).expect("JSON");
    text["cases"] = json!([named("T-1"), unreadable, contradictory, named("T-4")]);
    let text = format!("\u{feff}{text}");
    let Err(CaseFileError::Faulty(faults)) = CaseFile::parse(&text) else {
        panic!("two cases are refused");
    };
    let (good, _) = sifted(&text);
    assert_eq!(good, ["T-1", "T-4"]);
    let named: Vec<(&str, &str, &str)> = faults
        .iter()
        .map(|it| (it.case.as_str(), it.subject.as_str(), &*it.field))
        .collect();
    assert_eq!(
        named,
        [
            ("T-2", "c1", "hukou.county"),
            ("T-3", "mother", "marriages.to")
        ]
    );
}

#[test]
fn money_is_whole_fen() {
    let mut case = family();
    case["expected"] =
        json!([{"application": "a1", "child": "c1", "decision": "PAY", "amount_fen": 5000.5}]);
    let found = fault(&file(case));
    assert_eq!(
        (found.subject.as_str(), &*found.field),
        ("c1", "expected.amount_fen")
    );
    assert!(found.message.contains("floating point"), "{found}");
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
