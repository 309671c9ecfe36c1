//! `yuhui policy check` as its users see it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const SHARED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/data/cases_shared.json"
);

/// Exit code, output, complaints.
fn check(words: &[&str]) -> (Option<i32>, String, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_yuhui"))
        .args(["policy", "check"])
        .args(words)
        .output()
        .expect("the executable runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (done.status.code(), text(&done.stdout), text(&done.stderr))
}

/// The shared set with `old` replaced by `new`, at its first place.
fn changed(folder: &Path, old: &str, new: &str) -> String {
    let text = fs::read_to_string(SHARED).expect("the shared set");
    assert!(text.contains(old), "{old}");
    written(folder, "changed.json", &text.replacen(old, new, 1))
}

fn written(folder: &Path, name: &str, text: &str) -> String {
    let file: PathBuf = folder.join(name);
    fs::write(&file, text).expect("written");
    file.to_str().expect("text").to_owned()
}

#[test]
fn every_shared_case_passes_and_says_so() {
    let (code, out, complaints) = check(&[SHARED]);
    assert_eq!(code, Some(0), "{out}{complaints}");
    let passed = out
        .lines()
        .filter(|line| line.starts_with("passed  S-"))
        .count();
    assert_eq!(passed, 135);
    assert!(
        out.ends_with("135 cases, 135 passed, 0 failed, 0 differences\n"),
        "{out}"
    );
}

#[test]
fn every_difference_has_its_line() {
    let folder = tempfile::tempdir().expect("folder");
    let other = changed(
        folder.path(),
        "\"SECOND\", \"amount_fen\": 500000",
        "\"SECOND\", \"amount_fen\": 500001",
    );
    let (code, out, _) = check(&["--quiet", &other, SHARED]);
    assert_eq!(code, Some(1), "{out}");
    assert!(
        out.contains("amount_fen: expected 500001, got 500000"),
        "{out}"
    );
    assert!(!out.contains("passed  "), "{out}");
    assert!(
        out.contains("2 files read, 0 not; 270 cases, 269 passed, 1 failed"),
        "{out}"
    );
}

#[test]
fn balances_are_compared_by_the_book() {
    let folder = tempfile::tempdir().expect("folder");
    let text = fs::read_to_string(SHARED).expect("the shared set");
    let mut file: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let cases = file["cases"].as_array_mut().expect("cases");
    cases.retain(|case| case["kind"] == "funding");
    assert_eq!(cases.len(), 7);
    let balances = cases[0]["expected_balances"]
        .as_object_mut()
        .expect("balances");
    balances.values_mut().for_each(|fen| *fen = 1.into());
    let count = balances.len();
    let other = written(folder.path(), "book.json", &file.to_string());
    let (code, out, _) = check(&[&other]);
    assert_eq!(code, Some(1), "{out}");
    assert_eq!(out.matches("account ").count(), count, "{out}");
    assert!(out.contains("7 cases, 6 passed, 1 failed"), "{out}");
}

#[test]
fn an_unreadable_case_is_named_and_the_others_are_checked() {
    let folder = tempfile::tempdir().expect("folder");
    let broken = changed(
        folder.path(),
        "\"sex\": \"F\", \"born_on\": \"",
        "\"sex\": \"F\", \"born_on\": \"x",
    );
    let (code, out, complaints) = check(&["-q", &broken, SHARED]);
    assert_eq!(code, Some(2), "{out}{complaints}");
    let told = "changed.json: case S-P1-001, `mother`, field `persons.born_on`: `x1992-03-08`";
    assert!(complaints.contains(told), "{complaints}");
    assert!(complaints.contains("(line "), "{complaints}");
    assert!(out.contains("refused S-P1-001"), "{out}");
    assert!(
        out.contains("135 cases, 134 passed, 0 failed, 1 refused"),
        "{out}"
    );
    assert!(out.contains("135 passed"), "{out}");
    let cut = written(folder.path(), "cut.json", "{\"schema\": ");
    let (code, _, complaints) = check(&["-q", &cut]);
    assert_eq!(code, Some(2));
    assert!(complaints.contains("cut.json: line 1"), "{complaints}");
    assert_eq!(check(&["/nowhere/cases.json"]).0, Some(2));
}

#[test]
fn another_pack_decides_otherwise_and_a_broken_one_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let own = include_str!("../../policy/packs/baotou-2024-126.toml");
    let poor = own.replace("SECOND = 500000", "SECOND = 400000");
    assert_ne!(poor, own);
    let poor = written(folder.path(), "poor.toml", &poor);
    let (code, out, _) = check(&["-q", "--pack", &poor, SHARED]);
    assert_eq!(code, Some(1));
    assert!(
        out.contains("amount_fen: expected 500000, got 400000"),
        "{out}"
    );

    let broken = own.replace("SECOND = 500000", "SECOND = \"much\"");
    let broken = written(folder.path(), "broken.toml", &broken);
    let (code, out, complaints) = check(&["--pack", &broken, SHARED]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(complaints.contains("p1.amount_fen"), "{complaints}");
}

#[test]
fn the_file_chooses_its_law() {
    let national = SHARED.replace("cases_shared", "cases_national");
    let (code, out, complaints) = check(&["--quiet", &national, SHARED]);
    assert_eq!(code, Some(0), "{out}{complaints}");
    assert!(out.contains("national with national-childcare-2025/1: 88 cases, 88 passed"));
    assert!(out.contains("shared with baotou-2024-126/1: 135 cases, 135 passed"));
    let pack = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../policy/packs/baotou-2024-126.toml"
    );
    let (code, _, complaints) = check(&["--pack", pack, &national]);
    assert_eq!(code, Some(2));
    assert!(complaints.contains("the pack baotou-2024-126/1 is of 包府办发〔2024〕126号"));
}
