//! `yuhui policy compare` as its users see it.

use std::{fs, path::PathBuf, process::Command};

const PACKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../policy/packs");
const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data");

/// Exit code, what it prints, what it complains of.
fn compare(words: &[&str]) -> (Option<i32>, String, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_yuhui"))
        .args(["policy", "compare"])
        .args(words)
        .output()
        .expect("the executable runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (done.status.code(), text(&done.stdout), text(&done.stderr))
}

fn in_force() -> String {
    format!("{PACKS}/baotou-2024-126.toml")
}

/// The pack in force with a line replaced, in a folder of its own.
fn proposed(from: &str, to: &str) -> (tempfile::TempDir, PathBuf) {
    let text = fs::read_to_string(in_force()).expect("the pack");
    assert!(text.contains(from), "{from}");
    let text = text
        .replace(from, to)
        .replace("baotou-2024-126/1", "proposed");
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("proposed.toml");
    fs::write(&file, text).expect("written");
    (folder, file)
}

#[test]
fn a_higher_amount_is_told_to_the_fen() {
    let (_folder, file) = proposed("amount_fen = 50000\n", "amount_fen = 50001\n");
    let after = file.to_str().expect("path");
    let ask = [
        in_force(),
        after.to_owned(),
        "--round=2025".to_owned(),
        "--generated".to_owned(),
        "--scale=0.05".to_owned(),
    ];
    let words: Vec<&str> = ask.iter().map(String::as_str).collect();
    let (code, printed, complaint) = compare(&words);
    assert_eq!(code, Some(0), "{complaint}");
    assert!(printed.starts_with("baotou-2024-126/1 -> proposed\n"));
    let row = |name: &str| -> Vec<String> {
        let line = printed.lines().find(|line| line.starts_with(name));
        let line = line.unwrap_or_else(|| panic!("{name}\n{printed}"));
        line.split_whitespace().map(str::to_owned).collect()
    };
    // Everybody with P2 gains one fen, nobody else anything.
    let p2 = row("P2 ");
    let all = row("all ");
    let [_, claims, gain, fen, lose, ..] = p2.as_slice() else {
        panic!("{p2:?}");
    };
    assert_eq!(gain, fen);
    assert!(gain != "0" && lose == "0" && gain.len() <= claims.len());
    assert_eq!((all.get(2), all.get(3)), (Some(gain), Some(fen)));
    assert_eq!(row("P1 ").get(2).map(String::as_str), Some("0"));
    assert!(printed.contains("change their reason only"));
    assert!(!printed.contains("PAY 50000 -> PAY 50001"));

    let listed: Vec<&str> = words.iter().copied().chain(["--list"]).collect();
    let (_, printed, _) = compare(&listed);
    let changes = printed.matches("PAY 50000 -> PAY 50001").count();
    assert_eq!(&changes.to_string(), gain);
    let (_, again, _) = compare(&listed);
    assert_eq!(printed, again, "the same seed gives the same claims");
}

#[test]
fn worked_cases_name_reasons_before_and_after() {
    let (_folder, file) = proposed("\"FIRST_WINDOW\"", "\"STRICT\"");
    let after = file.to_str().expect("path");
    let cases = format!("{DATA}/cases_shared.json");
    let (code, printed, complaint) = compare(&[&in_force(), after, "--cases", &cases, "--list"]);
    assert_eq!(code, Some(0), "{complaint}");
    assert!(
        printed.contains("PAY 500000 -> REJECT DEEMED_WAIVED 0"),
        "{printed}"
    );
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let national = format!("{PACKS}/national-childcare-2025.toml");
    let cases = format!("{DATA}/cases_national.json");
    let (code, printed, complaint) = compare(&[&in_force(), &national, "--cases", &cases]);
    assert_eq!((code, printed.as_str()), (Some(2), ""));
    assert!(complaint.contains("two laws cannot be compared"));
    let (code, _, complaint) = compare(&[&in_force(), &in_force(), "--cases", &cases]);
    assert_eq!(code, Some(2));
    assert!(complaint.contains("its cases are of 国卫办人口发〔2025〕24号"));
    let (code, _, complaint) = compare(&[&national, &national, "--generated"]);
    assert_eq!(code, Some(2));
    assert!(complaint.contains("claims of 包府办发〔2024〕126号 only"));
    let (code, printed, _) = compare(&[&national, &national, "--cases", &cases]);
    assert_eq!(code, Some(0));
    assert!(printed.contains("0 claims gain 0.00 yuan, 0 lose"));
    let (code, printed, _) = compare(&[&in_force(), &in_force(), "--scale", "0.01"]);
    assert_eq!(code, Some(0), "a synthetic round unless said otherwise");
    assert!(
        printed.contains("0 claims gain 0.00 yuan, 0 lose"),
        "{printed}"
    );
    let (code, ..) = compare(&[&in_force(), &in_force(), "--cases", &cases, "--generated"]);
    assert_eq!(code, Some(2), "claims come from one place");
}
