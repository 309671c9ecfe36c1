//! `yuhui replay` and `yuhui evidence export` as their users see them, over a round that was played.

use std::{fs, path::Path, process::Command};

/// Exit code and output.
fn yuhui(words: &[&str]) -> (Option<i32>, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_yuhui"))
        .args(words)
        .output()
        .expect("the executable runs");
    let mut told = String::from_utf8_lossy(&done.stdout).into_owned();
    told.push_str(&String::from_utf8_lossy(&done.stderr));
    (done.status.code(), told)
}

fn path(path: &Path) -> &str {
    path.to_str().expect("text")
}

#[test]
fn a_round_replays_from_its_database_and_from_its_export() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let (code, told) = yuhui(&["year", "--scale", "0.005", "--data", path(&data)]);
    assert_eq!(code, Some(0), "{told}");

    let (code, told) = yuhui(&["replay", "--data", path(&data), "--round", "2025"]);
    assert_eq!(code, Some(0), "{told}");
    let sum = told.lines().last().expect("a sum");
    assert!(
        sum.ends_with(" 0 different") && !sum.contains(": 0 "),
        "{told}"
    );
    let (code, told) = yuhui(&["replay", "--data", path(&data), "--round", "1999"]);
    assert_eq!(code, Some(1), "nothing to replay is no success: {told}");

    let pack = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../policy/packs/baotou-2024-126.toml"
    );
    let text = fs::read_to_string(pack).expect("the pack");
    let dearer = text.replace("amount_fen = 60000", "amount_fen = 60001");
    assert_ne!(dearer, text);
    let proposed = folder.path().join("proposed.toml");
    fs::write(&proposed, dearer.replace("126/1", "126/2")).expect("written");
    let compare = ["policy", "compare", pack, path(&proposed), "--round=2025"];
    let (code, told) = yuhui(&[&compare[..], &["--stored", path(&data)]].concat());
    assert_eq!(code, Some(0), "{told}");
    let row = |name: &str| -> Vec<i64> {
        let line = told.lines().find(|line| line.starts_with(name));
        let words = line.expect("a row").split_whitespace().skip(1);
        words
            .map(|it| it.replace(',', "").parse().expect("a number"))
            .collect()
    };
    let (p3, all) = (row("P3 "), row("all "));
    assert!(p3[1] > 0, "nurseries that were paid gain: {told}");
    assert_eq!((p3[1], p3[2]), (all[1], all[2]), "and nobody else: {told}");

    let file = folder.path().join("round.jsonl");
    let export = [
        "evidence",
        "export",
        "--data",
        path(&data),
        "-o",
        path(&file),
    ];
    let (code, told) = yuhui(&export);
    assert_eq!(code, Some(0), "{told}");
    fs::remove_dir_all(&data).expect("another machine has no database");
    let (code, told) = yuhui(&["replay", path(&file)]);
    assert_eq!(code, Some(0), "{told}");

    let text = fs::read_to_string(&file).expect("the export");
    let forged = text.replacen("\"amount\":500000", "\"amount\":500001", 1);
    assert_ne!(forged, text);
    fs::write(&file, forged).expect("written");
    let (code, told) = yuhui(&["replay", path(&file)]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("recorded 500001, replayed 500000"), "{told}");
}

/// Decisions of the national subsidy are no cases of the system: they are exported as worked cases.
#[test]
fn decisions_of_either_law_replay_from_their_export() {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/data");
    let (shared, national) = (
        format!("{data}/cases_shared.json"),
        format!("{data}/cases_national.json"),
    );
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("worked.jsonl");
    let cases = ["--cases", &shared, "--cases", &national];
    let export = [&["evidence", "export", "-o", path(&file)][..], &cases].concat();
    let (code, told) = yuhui(&export);
    assert_eq!(code, Some(0), "{told}");
    let (code, told) = yuhui(&["replay", path(&file)]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains(" 0 different"), "{told}");

    let text = fs::read_to_string(&file).expect("the export");
    assert!(text.contains("national-childcare-2025/1"));
    let forged = text.replacen("\"amount\":360000", "\"amount\":360001", 1);
    assert_ne!(forged, text);
    fs::write(&file, forged).expect("written");
    let (code, told) = yuhui(&["replay", path(&file)]);
    assert_eq!(code, Some(1), "{told}");
}
