//! Nothing of people is kept in clear: the bytes of the databases and of the debug log of a played
//! year hold no citizen number, no account number and no password.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use yuhui_kernel::CitizenNumber;

use crate::harness::program;

/// Password of every account of a played year.
const PASSWORD: &[u8] = b"yuhui-demo-2025";
/// What every account number of a played year begins with: cards, and accounts of companies.
const ACCOUNTS: [&[u8]; 2] = [b"621700000000", b"1505000000000"];
/// What every citizen number of a played year begins with, but for one digit.
const NOWHERE: [&[u8]; 2] = [b"15029", b"15028"];

/// What is found in `bytes` that should not be there, with a little around it.
fn found(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for at in 0..bytes.len() {
        let rest = &bytes[at..];
        let is_account = ACCOUNTS.iter().any(|it| rest.starts_with(it));
        let is_citizen = NOWHERE.iter().any(|it| rest.starts_with(it))
            && rest.get(..18).is_some_and(|it| {
                let text = std::str::from_utf8(it);
                text.is_ok_and(|it| CitizenNumber::parse(it).is_ok())
            });
        if is_account || is_citizen || rest.starts_with(PASSWORD) {
            let around = &bytes[at.saturating_sub(60)..(at + 40).min(bytes.len())];
            found.push(String::from_utf8_lossy(around).into_owned());
        }
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => files.extend(self::files(&path)),
            false => files.push(path),
        }
    }
    files
}

#[test]
fn what_is_searched_for_is_found() {
    let number = "15029919920308002";
    let check = CitizenNumber::compute_check(number).expect("17 digits");
    for text in [
        format!("x{number}{check}x"),
        "{\"n\":\"6217000000000000018\"}".to_owned(),
        "password yuhui-demo-2025".to_owned(),
    ] {
        assert_eq!(found(text.as_bytes()).len(), 1, "{text}");
    }
    assert!(found(b"150299199203080020000 62170").is_empty());
}

#[test]
fn a_played_year_leaves_no_number_and_no_password_in_clear() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let log = fs::File::create(folder.path().join("log")).expect("a log");
    let played = Command::new(program::path())
        .args(["year", "--scale", "0.01", "--data"])
        .arg(&data)
        .env("RUST_LOG", "debug")
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a log"))
        .stderr(log)
        .status()
        .expect("yuhui runs");
    assert!(played.success());
    let files = files(folder.path());
    let databases = files
        .iter()
        .filter(|it| it.extension().is_some_and(|it| it == "db"));
    assert_eq!(databases.count(), 6);
    for file in files {
        let found = found(&fs::read(&file).expect("read"));
        let (name, count) = (file.display(), found.len());
        let some: Vec<_> = found.into_iter().take(3).collect();
        assert_eq!(count, 0, "{name}: {some:#?}");
    }
}
