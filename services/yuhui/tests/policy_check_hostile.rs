//! `yuhui policy check` on files that mean no good, or are merely large.

use std::{
    fmt::Write as _,
    fs,
    io::{BufWriter, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

const SHARED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/data/cases_shared.json"
);
const HEAD: &str = r#"{"schema": "baotou-policy-cases/1", "policy": "包府办发〔2024〕126号", "set": "hostile", "currency": "CNY", "amount_unit": "fen", "cases": ["#;

/// What came of a check.
struct Checked {
    code: Option<i32>,
    out: String,
    complaints: String,
    /// Most memory held, in kilobytes.
    peak_kb: u64,
    took: Duration,
}

impl Checked {
    /// The line with the sum.
    fn sum(&self) -> &str {
        self.out.lines().last().unwrap_or_default()
    }
}

fn check(file: &Path) -> Checked {
    let begun = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_yuhui"))
        .args(["policy", "check"])
        .arg(file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the executable runs");
    let (mut out, mut complaints) = (Vec::new(), Vec::new());
    let (mut from_out, mut from_err) = (child.stdout.take(), child.stderr.take());
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kb = 0;
    thread::scope(|scope| {
        scope.spawn(|| from_out.as_mut().expect("piped").read_to_end(&mut out));
        scope.spawn(|| {
            from_err
                .as_mut()
                .expect("piped")
                .read_to_end(&mut complaints)
        });
        while child.try_wait().expect("a child").is_none() {
            let told = fs::read_to_string(&status).unwrap_or_default();
            let peak = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let peak = peak.and_then(|it| it.trim().strip_suffix(" kB")?.parse().ok());
            peak_kb = peak_kb.max(peak.unwrap_or(0));
            thread::sleep(Duration::from_millis(5));
        }
    });
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Checked {
        code: child.wait().expect("a child").code(),
        out: text(out),
        complaints: text(complaints),
        peak_kb,
        took: begun.elapsed(),
    }
}

/// A file of these cases.
fn file(folder: &Path, cases: &[Value]) -> PathBuf {
    let cases: Vec<String> = cases.iter().map(ToString::to_string).collect();
    written(folder, &format!("{HEAD}{}]}}", cases.join(",\n")))
}

fn written(folder: &Path, text: &str) -> PathBuf {
    let file = folder.join("cases.json");
    fs::write(&file, text).expect("written");
    file
}

fn shared() -> Vec<Value> {
    let text = fs::read_to_string(SHARED).expect("the shared set");
    let file: Value = serde_json::from_str(&text).expect("JSON");
    file["cases"].as_array().expect("cases").clone()
}

/// A case of the shared set that pays one claim of a family.
fn family() -> Value {
    let case = shared().into_iter().find(|case| case["id"] == "S-P1-001");
    case.expect("a case of the set")
}

#[test]
fn a_title_prints_one_line() {
    let folder = tempfile::tempdir().expect("folder");
    let mut case = family();
    case["title"] = json!("t\npassed  FORGED  \u{202e}\u{1b}[2K");
    case["expected"][0]["amount_fen"] = json!(1);
    let told = check(&file(folder.path(), &[case]));
    assert_eq!(told.code, Some(1));
    assert!(!told.out.contains("\npassed"), "{}", told.out);
    assert!(told.out.contains(r"t\npassed  FORGED"), "{}", told.out);
    assert!(!told.out.contains(['\u{202e}', '\u{1b}']));
    assert!(told.sum().contains("1 cases, 0 passed, 1 failed"));
}

#[test]
fn cases_of_one_id_are_counted_one_by_one() {
    let folder = tempfile::tempdir().expect("folder");
    let mut broken = family();
    broken["hukou"][0]["county"] = json!("999999");
    let told = check(&file(
        folder.path(),
        &[broken.clone(), broken, family(), family()],
    ));
    assert_eq!(told.code, Some(2));
    let sum = "4 cases, 1 passed, 0 failed, 3 refused";
    assert!(told.sum().contains(sum), "{}", told.out);
    assert!(told.complaints.contains("another case has the same id"));
}

#[test]
fn one_syntax_error_loses_one_case() {
    let folder = tempfile::tempdir().expect("folder");
    let text = fs::read_to_string(SHARED).expect("the shared set");
    let cut = text.find("\"S-P1-010\"").expect("a case of the set");
    let comma = cut + text[cut..].find("\n   \"why\"").expect("a key") - 1;
    assert_eq!(&text[comma..=comma], ",");
    let mut broken = text.clone();
    broken.remove(comma);
    let told = check(&written(folder.path(), &broken));
    assert_eq!(told.code, Some(2));
    let cases = shared().len();
    let sum = format!("{cases} cases, {} passed, 0 failed, 1 refused", cases - 1);
    assert!(told.sum().contains(&sum), "{}{}", told.out, told.complaints);
    let line = text[..comma].matches('\n').count() + 2;
    let place = format!(
        "case S-P1-010, `S-P1-010`, field `cases`: expected `,` or the closing \
                         bracket (line {line},"
    );
    assert!(told.complaints.contains(&place), "{}", told.complaints);
}

#[test]
fn a_value_of_a_hundred_megabytes_is_neither_held_nor_repeated() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("long.json");
    let mut out = BufWriter::new(fs::File::create(&file).expect("a file"));
    let long = "x".repeat(1 << 20);
    write!(
        out,
        "{HEAD}\n{},\n{{\"id\": \"L\", \"kind\": \"family\", \"title\": \"",
        family()
    )
    .expect("written");
    for _ in 0..150 {
        out.write_all(long.as_bytes()).expect("written");
    }
    let mut last = family();
    last["id"] = json!("Z");
    write!(out, "\"}},\n{last}\n]}}").expect("written");
    drop(out);
    let told = check(&file);
    assert!(
        told.sum()
            .contains("3 cases, 2 passed, 0 failed, 1 refused"),
        "{}",
        told.out
    );
    assert!(
        told.complaints
            .contains("case L, `L`, field `cases`: longer than")
    );
    assert!(told.out.len() + told.complaints.len() < 10_000);
    assert!(told.peak_kb < 100_000, "{} kB", told.peak_kb);
}

#[test]
fn memory_does_not_grow_with_the_file() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("many.json");
    let mut out = BufWriter::new(fs::File::create(&file).expect("a file"));
    write!(out, "{HEAD}").expect("written");
    let mut cases = shared();
    for round in 0..40 {
        for (place, case) in cases.iter_mut().enumerate() {
            let between = if (round, place) == (0, 0) { "" } else { ",\n" };
            case["id"] = json!(format!("R{round}-{place}"));
            write!(out, "{between}{case}").expect("written");
        }
    }
    write!(out, "]}}").expect("written");
    drop(out);
    let told = check(&file);
    assert_eq!(told.code, Some(0), "{}", told.complaints);
    let many = cases.len() * 40;
    assert!(told.sum().contains(&format!("{many} cases, {many} passed")));
    let order: Vec<&str> = told
        .out
        .lines()
        .filter_map(|line| line.split("  ").nth(1))
        .collect();
    let expected: Vec<String> = (0..40)
        .flat_map(|round| (0..cases.len()).map(move |place| format!("R{round}-{place}")))
        .collect();
    assert_eq!(order, expected, "in the order of the file");
    assert!(told.peak_kb < 100_000, "{} kB", told.peak_kb);
}

#[test]
fn a_thousand_claims_for_one_child_take_no_time() {
    let folder = tempfile::tempdir().expect("folder");
    let mut case = family();
    let application = case["applications"][0].clone();
    let expected = case["expected"][0].clone();
    let claims = (0..1_000).map(|at| {
        let mut claim = application.clone();
        claim["id"] = json!(format!("a{at:04}"));
        claim
    });
    case["applications"] = claims.collect();
    let answers = (0..1_000).map(|at| {
        let mut answer = expected.clone();
        answer["application"] = json!(format!("a{at:04}"));
        if at > 0 {
            answer["decision"] = json!("NOT_ACCEPTED");
            answer["reason"] = json!("DUPLICATE");
            for key in ["class", "payees", "round", "cites"] {
                answer.as_object_mut().expect("an object").remove(key);
            }
            answer["amount_fen"] = json!(0);
        }
        answer
    });
    case["expected"] = answers.collect();
    case.as_object_mut()
        .expect("an object")
        .remove("expected_totals");
    let told = check(&file(folder.path(), &[case]));
    assert_eq!(told.code, Some(0), "{}{}", told.out, told.complaints);
    assert!(told.took < Duration::from_secs(20), "{:?}", told.took);
    assert!(told.peak_kb < 100_000, "{} kB", told.peak_kb);
}

/// A family with claims that a county lodged which is not competent, by somebody with no standing,
/// and marriages to look through for each.
fn refused_elsewhere(claims: usize, marriages: usize) -> Value {
    let mut case = family();
    let (application, expected) = (case["applications"][0].clone(), case["expected"][0].clone());
    let (mut applications, mut answers) = (Vec::new(), Vec::new());
    for at in 0..claims {
        let (mut claim, mut answer) = (application.clone(), expected.clone());
        claim["id"] = json!(format!("a{at:04}"));
        claim["county"] = json!("150221");
        answer["application"] = claim["id"].clone();
        applications.push(claim);
        answers.push(answer);
    }
    case["applications"] = applications.into();
    case["expected"] = answers.into();
    let wed = case["marriages"][0].clone();
    let mut rows = vec![wed];
    for at in 0..marriages {
        let couple = [format!("m{at:04}"), format!("f{at:04}")];
        for (id, sex) in couple.iter().zip(["F", "M"]) {
            let person = json!({"id": id, "sex": sex, "born_on": "1980-01-01", "died_on": null});
            case["persons"]
                .as_array_mut()
                .expect("persons")
                .push(person);
        }
        rows.push(json!({"spouses": couple, "from": "2010-01-01", "to": null, "ended_by": null}));
    }
    case["marriages"] = rows.into();
    case
}

#[test]
fn claims_refused_elsewhere_take_no_time_or_are_too_many() {
    let folder = tempfile::tempdir().expect("folder");
    let told = check(&file(folder.path(), &[refused_elsewhere(200, 200)]));
    assert_eq!(told.code, Some(1), "{}{}", told.out, told.complaints);
    assert!(told.took < Duration::from_secs(3), "{:?}", told.took);
    let told = check(&file(folder.path(), &[refused_elsewhere(1_000, 300)]));
    assert_eq!(told.code, Some(2));
    assert!(
        told.complaints.contains("1000 claims for one child"),
        "{}",
        told.complaints
    );
    assert!(told.took < Duration::from_secs(3), "{:?}", told.took);
}

#[test]
fn a_flood_of_commas_or_blanks_between_cases_is_passed_over() {
    let folder = tempfile::tempdir().expect("folder");
    let flood = |between: &str, many: usize| {
        let (one, mut other) = (family(), family());
        other["id"] = json!("OTHER");
        let text = format!("{HEAD}{one}{}{other}]}}", between.repeat(many));
        check(&written(folder.path(), &text))
    };
    let told = flood(",", 1_000_000);
    assert_eq!(told.code, Some(2));
    assert!(
        told.complaints.contains("a case is missing before this"),
        "{}",
        told.complaints
    );
    assert!(told.took < Duration::from_secs(10), "{:?}", told.took);
    let told = flood(&format!(",{}", " ".repeat(120_000_000)), 1);
    assert_eq!(told.code, Some(0), "{}{}", told.out, told.complaints);
    assert!(told.peak_kb < 100_000, "{} kB", told.peak_kb);
}

#[test]
fn a_thousand_overlapping_entries_are_told_in_a_few_lines() {
    let folder = tempfile::tempdir().expect("folder");
    let mut case = family();
    let entry = case["hukou"][0].clone();
    let many = vec![entry; 1_000];
    case["hukou"] = many.into();
    let told = check(&file(folder.path(), &[case]));
    assert_eq!(told.code, Some(2));
    assert_eq!(told.complaints.lines().count(), 21, "{}", told.complaints);
    assert!(told.took < Duration::from_secs(10), "{:?}", told.took);
}

#[test]
fn groups_and_brackets_end_nothing_but_their_case() {
    let folder = tempfile::tempdir().expect("folder");
    let mut text = format!("{HEAD}\n");
    let mut groups = family();
    groups["id"] = json!("GROUPS");
    groups["institutions"] = json!([{"id": "i", "kind": "NURSERY", "county": "150203"}]);
    let group = json!({"institution": "i", "count": 10_000, "born_on": "2023-01-01",
                       "from": "2024-01-01", "fee_receipts": true});
    groups["enrolments"] = vec![group; 1_800].into();
    write!(text, "{groups},\n{{\"id\": \"DEEP\", \"params\": ").expect("a text");
    text.push_str(&"[".repeat(200_000));
    write!(text, "{}}},\n{}\n]}}", "]".repeat(200_000), family()).expect("a text");
    let told = check(&written(folder.path(), &text));
    let sum = "3 cases, 1 passed, 0 failed, 2 refused";
    assert!(told.sum().contains(sum), "{}{}", told.out, told.complaints);
    assert!(told.complaints.contains("more than 10000 children"));
    assert!(told.complaints.contains("nested deeper than 32"));
}

#[test]
fn what_cannot_be_true_is_refused_and_what_hardly_can_is_told() {
    let folder = tempfile::tempdir().expect("folder");
    let with = |pointer: &str, value: Value| {
        let mut case = family();
        *case.pointer_mut(pointer).expect(pointer) = value;
        let told = check(&file(folder.path(), &[case]));
        (told.sum().contains("1 refused"), told.complaints)
    };
    let persons = family()["persons"].as_array().expect("persons").clone();
    let at = persons
        .iter()
        .position(|it| it["id"] == "mother")
        .expect("a mother");
    let (refused, complaints) = with(&format!("/persons/{at}/born_on"), json!("2016-01-01"));
    assert!(
        refused && complaints.contains("`mother`, field `births.mother`"),
        "{complaints}"
    );
    let births = family()["births"].as_array().expect("births").len() - 1;
    let live = format!("/births/{births}/children/0/live");
    let (refused, complaints) = with(&live, json!(false));
    assert!(refused && complaints.contains("stillbirth"), "{complaints}");
}
