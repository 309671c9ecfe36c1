//! Files that are broken, hostile, or merely long.

use serde_json::{Value, json};

use super::*;
use crate::case_file::CaseFile;

/// Ids of the cases read, the faults of the others, and what is wrong with the file.
type Told = (Vec<String>, Vec<Fault>, Option<CaseFileError>);

fn told(text: &[u8]) -> Told {
    let mut reader = CaseReader::new(text);
    let law = match reader.header().expect("a file of the schema") {
        Some(header) => header.law,
        None => Policy::Baotou126,
    };
    let (mut good, mut faults) = (Vec::new(), Vec::new());
    loop {
        match reader.next_case() {
            Ok(Some(raw)) => match raw.read(law) {
                Ok((case, _)) => good.push(case.id),
                Err(found) => faults.extend(found),
            },
            Ok(None) => return (good, faults, None),
            Err(error) => return (good, faults, Some(error)),
        }
    }
}

fn case(id: &str) -> Value {
    json!({
        "id": id, "kind": "family", "title": format!("title of {id}"),
        "persons": [{"id": "m", "sex": "F", "born_on": "1990-01-01"},
                    {"id": "c", "sex": "F", "born_on": "2020-01-01"}],
        "births": [{"delivery": "d", "mother": "m",
                    "children": [{"id": "c", "born_on": "2020-01-01", "order": 1, "live": true}]}],
        "applications": [{"id": "a", "programme": "P1", "applicant": "m", "children": ["c"],
                          "county": "150203", "lodged_on": "2025-01-10"}],
        "expected": [{"application": "a", "child": "c", "decision": "PAY", "amount_fen": 0}]
    })
}

const HEAD: &str = r#"{"schema": "baotou-policy-cases/1", "policy": "包府办发〔2024〕126号", "set": "t", "currency": "CNY", "amount_unit": "fen", "cases": ["#;

/// A case as text, with `id` and `kind` first.
fn ordered(id: &str) -> String {
    let text = case(id).to_string();
    let rest = text.replacen(&format!("\"id\":\"{id}\",\"kind\":\"family\","), "", 1);
    let text = rest.replacen('{', &format!("{{\"id\":\"{id}\",\"kind\":\"family\","), 1);
    serde_json::from_str::<Value>(&text).expect("JSON");
    text
}

/// The same file in three layouts: indented, a case a line, everything on one line.
fn layouts(broken: impl Fn(&str) -> String) -> [String; 3] {
    let pretty = |id: &str| {
        let text = serde_json::to_string_pretty(&case(id)).expect("JSON");
        text.lines()
            .map(|line| format!("  {line}\n"))
            .collect::<String>()
            .trim_end()
            .to_owned()
    };
    let join = |text: &dyn Fn(&str) -> String, between: &str, before: &str| {
        let cases = [text("A"), broken(&text("B")), text("C"), text("D")];
        format!("{HEAD}{before}{}{before}]}}", cases.join(between))
    };
    [
        join(&pretty, ",\n", "\n"),
        join(&ordered, ",\n", "\n"),
        join(&ordered, ",", ""),
    ]
}

#[test]
fn a_case_that_is_broken_loses_none_of_the_others() {
    type Break = fn(&str) -> String;
    let breaks: [(&str, Break); 9] = [
        ("a comma too few", |text| {
            text.replacen("01-01\",", "01-01\"", 1)
        }),
        ("a comma too many", |text| {
            text.replacen("01-01\",", "01-01\",,", 1)
        }),
        ("no colon", |text| {
            text.replacen("\"order\":", "\"order\"", 1)
        }),
        ("no opening quote", |text| {
            text.replacen("\"1990-01-01", "1990-01-01", 1)
        }),
        ("a bracket too few", |text| text.replacen(']', "", 1)),
        ("a brace too few", |text| text.replacen('}', "", 1)),
        ("a brace too many", |text| text.replacen('}', "}}", 1)),
        ("never closed", |text| {
            text.trim_end().strip_suffix('}').expect("one").to_owned()
        }),
        ("closed twice", |text| format!("{text}}}")),
    ];
    for (name, broken) in breaks {
        for (place, text) in layouts(broken).into_iter().enumerate() {
            let (good, faults, trouble) = told(text.as_bytes());
            let whole = name == "closed twice";
            let expected: &[&str] = if whole {
                &["A", "B", "C", "D"]
            } else {
                &["A", "C", "D"]
            };
            assert_eq!(
                good, expected,
                "{name}, layout {place}: {faults:?} {trouble:?}\n{text}"
            );
            if !whole {
                assert_eq!(faults.len(), 1, "{name}, layout {place}: {faults:?}");
                let line = |title| text.lines().position(|line| line.contains(title));
                let (at, _) = faults[0].at.expect("a place");
                assert!(line("title of A") < Some(at), "{name}: {faults:?}");
                assert!(
                    Some(at) <= line("title of C").map(|it| it + 1),
                    "{name}: {faults:?}"
                );
            }
            assert!(CaseFile::parse(&text).is_err(), "all of it, or nothing");
        }
    }
}

#[test]
fn an_end_in_the_middle_loses_the_last_case_only() {
    for text in layouts(str::to_owned) {
        let cut = text.find("title of D").expect("the last case");
        let (good, faults, trouble) = told(&text.as_bytes()[..cut]);
        assert_eq!(good, ["A", "B", "C"]);
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(trouble.is_some());
    }
}

#[test]
fn keys_may_stand_in_any_order() {
    // Sorted by name, the cases come before the law that decides them.
    let text = format!(
        "{{\"amount_unit\": \"fen\", \"cases\": [{}, {}], \"currency\": \"CNY\", \
         \"policy\": \"包府办发〔2024〕126号\", \"schema\": \"baotou-policy-cases/1\", \"set\": \"t\"}}",
        case("A"),
        case("B")
    );
    assert_eq!(CaseFile::parse(&text).expect("readable").cases.len(), 2);
}

#[test]
fn what_is_too_deep_or_too_long_is_refused_alone() {
    let deep = |text: &str| {
        let indent = text
            .find('{')
            .and_then(|at| text.get(..at))
            .expect("an object");
        format!(
            "{indent}{{\"id\": \"B\", \"kind\": \"family\", \"params\": {}",
            "[".repeat(200_000)
        )
    };
    let long = |text: &str| text.replacen("title of B", &"x".repeat(3 << 20), 1);
    for (part, broken) in [
        ("deeper", &deep as &dyn Fn(&str) -> String),
        ("longer", &long),
    ] {
        for text in layouts(broken) {
            let (good, faults, trouble) = told(text.as_bytes());
            assert_eq!(
                (good, trouble),
                (vec!["A".into(), "C".into(), "D".into()], None)
            );
            assert_eq!(faults.len(), 1);
            assert_eq!(faults[0].case, "B");
            assert!(faults[0].message.contains(part), "{faults:?}");
            assert!(faults[0].to_string().len() < 1_000);
        }
    }
}

#[test]
fn punctuation_between_cases_is_told_of_the_file() {
    let [a, b] = ["A", "B"].map(|id| case(id).to_string());
    let wrong = [
        (format!("{HEAD}{a}{b}]}}"), "missing between"),
        (format!("{HEAD}{a},,{b}]}}"), "missing before"),
        (format!("{HEAD}{a},{b},]}}"), "missing after"),
        (format!("{HEAD}{a},{b}]"), "expected `,` or `}`"),
        (format!("{HEAD}{a},{b}]}} x"), "something follows"),
        (
            format!("{HEAD}{a},{b}], \"cases\": []}}"),
            "duplicate field",
        ),
        (format!("{HEAD}{a},{b}], \"sets\": 1}}"), "unknown field"),
    ];
    for (text, message) in wrong {
        let (good, faults, trouble) = told(text.as_bytes());
        assert_eq!((good.len(), faults.len()), (2, 0), "{text}");
        let trouble = trouble.expect("told of the file").to_string();
        assert!(trouble.contains(message), "{trouble}");
    }
}

#[test]
fn a_case_is_an_object_and_so_are_its_entries() {
    let (good, faults, _) = told(format!("{HEAD}[1, 2], 7, {}]}}", case("A")).as_bytes());
    assert_eq!((good.len(), faults.len()), (1, 2), "{faults:?}");
    let wrong = [
        (
            "/persons/0",
            json!(["m", "F", "1990-01-01", null]),
            "persons",
        ),
        (
            "/births/0/children/0",
            json!(["c", "2020-01-01", 1, true]),
            "births.children",
        ),
        ("/expected/0", json!(["a", "c", null, "PAY"]), "expected"),
        ("/kind", json!({"family": null}), "kind"),
        (
            "/applications/0/programme",
            json!({"P1": null}),
            "applications.programme",
        ),
        (
            "/expected/0/decision",
            json!({"PAY": null}),
            "expected.decision",
        ),
    ];
    for (pointer, value, field) in wrong {
        let mut wrong = case("A");
        *wrong.pointer_mut(pointer).expect("there") = value;
        let (good, faults, _) = told(format!("{HEAD}{wrong}]}}").as_bytes());
        assert!(good.is_empty(), "{pointer}");
        assert_eq!(faults[0].field, field, "{faults:?}");
    }
}

#[test]
fn ids_say_something() {
    for pointer in [
        "/id",
        "/persons/0/id",
        "/births/0/delivery",
        "/applications/0/id",
    ] {
        for id in ["", "a\nb", &"x".repeat(101)] {
            let mut wrong = case("A");
            *wrong.pointer_mut(pointer).expect("there") = json!(id);
            let (good, faults, _) = told(format!("{HEAD}{wrong}]}}").as_bytes());
            assert!(good.is_empty(), "{pointer} {id}");
            assert!(
                faults
                    .iter()
                    .any(|it| it.message.contains("an id") || it.message.contains("in an id")),
                "{faults:?}"
            );
        }
    }
}

#[test]
fn what_a_case_asks_for_is_bounded() {
    let mut many = case("A");
    many["institutions"] = json!([{"id": "i", "kind": "NURSERY", "county": "150203"}]);
    let group = json!({"institution": "i", "count": 10_000, "born_on": "2023-01-01",
                       "from": "2024-01-01", "fee_receipts": true});
    many["enrolments"] = json!([group]);
    let (good, ..) = told(format!("{HEAD}{many}]}}").as_bytes());
    assert_eq!(good.len(), 1);
    many["enrolments"] = vec![group; 1_500].into();
    let (good, faults, _) = told(format!("{HEAD}{many}]}}").as_bytes());
    assert!(good.is_empty());
    assert_eq!(faults[0].field, "enrolments.count");
    let mut many = case("A");
    let claim = |at: usize| {
        let mut claim = many["applications"][0].clone();
        claim["id"] = json!(format!("a{at}"));
        claim
    };
    many["applications"] = (0..1_001).map(claim).collect();
    let (good, faults, _) = told(format!("{HEAD}{many}]}}").as_bytes());
    assert!(good.is_empty());
    assert!(faults[0].message.contains("1001 claims"), "{faults:?}");
    assert!(faults.len() <= 21, "a case has so many faults told");
}
