//! Nothing of people is kept in clear: the bytes of the databases, of their dumps and of the debug log
//! of a played year hold no number and no name of a person, no account number and no password.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::LazyLock,
};

use sea_orm::ConnectionTrait as _;
use yuhui_kernel::CitizenNumber;

use crate::harness::{
    postgres::{Postgres, SERVICES},
    program,
    query::{column, number},
    sqlite, system,
};

/// Password of every account of a played year.
const PASSWORD: &[u8] = b"yuhui-demo-2025";
/// What every account number of a played year begins with: cards, and accounts of companies.
const ACCOUNTS: [&[u8]; 2] = [b"621700000000", b"1505000000000"];
/// What every citizen number of a played year begins with, but for one digit.
const NOWHERE: [&[u8]; 2] = [b"15029", b"15028"];
/// Digits of a mobile telephone number.
const TELEPHONE: usize = 11;
/// Where the people of a played year have their names from.
const NAMES: &str = include_str!("../../services/rehearsal/src/synthetic/names.rs");

static SURNAMES: LazyLock<Vec<&[u8]>> = LazyLock::new(|| list("SURNAMES"));
static GIVEN: LazyLock<Vec<&[u8]>> = LazyLock::new(|| list("GIVEN"));

/// The texts of a list of names.
fn list(name: &str) -> Vec<&'static [u8]> {
    let (_, list) = NAMES.split_once(&format!("const {name}:")).expect(name);
    let (list, _) = list.split_once("];").expect("its end");
    let texts = list.split('"').skip(1).step_by(2);
    texts.map(str::as_bytes).collect()
}

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
        if is_account || is_citizen || is_name(rest) || rest.starts_with(PASSWORD) {
            found.push(around(bytes, at));
        }
    }
    found
}

fn around(bytes: &[u8], at: usize) -> String {
    let around = &bytes[at.saturating_sub(60)..(at + 40).min(bytes.len())];
    String::from_utf8_lossy(around).into_owned()
}

fn is_name(rest: &[u8]) -> bool {
    // ASCII, which nearly everything is, begins none.
    rest.first().is_some_and(|it| !it.is_ascii())
        && SURNAMES.iter().any(|surname| {
            let given = rest.strip_prefix(*surname);
            given.is_some_and(|rest| GIVEN.iter().any(|it| rest.starts_with(it)))
        })
}

/// Telephone numbers in a text, where they stand for themselves.
fn telephones(text: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut at = 0;
    for word in text.split(|it| !it.is_ascii_alphanumeric()) {
        if word.len() == TELEPHONE
            && word.iter().all(u8::is_ascii_digit)
            && matches!(word, [b'1', b'3'..=b'9', ..])
        {
            found.push(around(text, at));
        }
        at += word.len() + 1;
    }
    found
}

/// What the columns of bytes in a dump hold, which it shows in hex.
fn columns_of_bytes(dump: &[u8]) -> Vec<u8> {
    let digit = |it: u8| char::from(it).to_digit(16);
    let mut held = Vec::new();
    let mut at = 0;
    while let Some(next) = dump[at..].windows(2).position(|it| it == b"\\x") {
        at += next + 2;
        while let [high, low, ..] = dump[at..]
            && let (Some(high), Some(low)) = (digit(high), digit(low))
        {
            held.push(u8::try_from(high * 16 + low).expect("a byte"));
            at += 2;
        }
        held.push(b'\n');
    }
    held
}

fn must_hold_nothing(name: &str, found: &[String]) {
    let some: Vec<_> = found.iter().take(3).collect();
    assert!(found.is_empty(), "{name}: {} {some:#?}", found.len());
}

fn found_in_dump(dump: &[u8]) -> Vec<String> {
    let bytes = columns_of_bytes(dump);
    [
        found(dump),
        telephones(dump),
        found(&bytes),
        telephones(&bytes),
    ]
    .concat()
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

/// Plays a small year with everything in the log that there is.
fn play(log: &Path, arguments: &[&str]) {
    let log = File::create(log).expect("a log");
    let played = Command::new(program::path())
        .args(["year", "--scale", "0.01"])
        .args(arguments)
        .env("RUST_LOG", "debug")
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a log"))
        .stderr(log)
        .status()
        .expect("yuhui runs");
    assert!(played.success());
}

#[test]
fn what_is_searched_for_is_found() {
    let number = "15029919920308002";
    let check = CitizenNumber::compute_check(number).expect("17 digits");
    for text in [
        format!("x{number}{check}x"),
        "{\"n\":\"6217000000000000018\"}".to_owned(),
        "password yuhui-demo-2025".to_owned(),
        "{\"payee\":\"王桂英\"}".to_owned(),
        "x那娜x".to_owned(),
    ] {
        assert_eq!(found(text.as_bytes()).len(), 1, "{text}");
    }
    assert!(found("150299199203080020000 62170 王府 桂英".as_bytes()).is_empty());
    assert_eq!(telephones(b"a 13947200000\tb, 15800000000").len(), 2);
    assert!(telephones(b"1394720000012 0013947200000 12947200000 a13947200000").is_empty());
    let hidden = "1\t\\\\x78e78e8be6a182e88bb178\t\\\\x3133393437323030303030\n";
    assert_eq!(found_in_dump(hidden.as_bytes()).len(), 2);
}

/// How many texts in any column of a service's file were sealed with key 1, declared or not.
async fn sealed_with_the_first_key(file: &Path) -> i64 {
    let file = sqlite::open(file).await.expect("opened");
    let columns = "SELECT '\"' || t.name || '\" WHERE substr(\"' || c.name || '\", 1, 3)'
        FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'";
    let mut sealed = 0;
    for beginning in column(&file, columns).await.expect("columns") {
        let count = format!("SELECT COUNT(*) FROM {beginning} = x'020001'");
        sealed += number(&file, &count).await.expect("counted");
    }
    sealed
}

/// Whatever is sealed anywhere is sealed anew: no column is left out.
async fn seals_are_replaced(data: &Path) {
    let folder = data.to_str().expect("text");
    for service in system::SERVICES {
        let file = data.join(format!("{service}.db"));
        assert!(sealed_with_the_first_key(&file).await > 0, "{service}");
        // The player is gone, but not for long enough.
        let changed = sqlite::open_to_change(&file).await.expect("opened");
        let forget = changed.execute_unprepared("DELETE FROM vault_replicas");
        forget.await.expect("forgotten");
        changed.close().await.expect("closed");
        for command in [&["add"][..], &["activate", "2"], &["rotate"]] {
            let (command, more) = command.split_at(1);
            let command = [&["vault"], command, &[service], more, &["--data", folder]];
            let (status, said) = program::run(&command.concat());
            assert_eq!(status, Some(0), "{said}");
        }
        assert_eq!(sealed_with_the_first_key(&file).await, 0, "{service}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_played_year_leaves_no_number_no_name_and_no_password_in_clear() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    let log = folder.path().join("log");
    play(&log, &["--data", data.to_str().expect("text")]);
    seals_are_replaced(&data).await;
    let files = files(folder.path());
    let databases = files
        .iter()
        .filter(|it| it.extension().is_some_and(|it| it == "db"));
    assert_eq!(databases.count(), 6);
    for file in files {
        let found = found(&fs::read(&file).expect("read"));
        must_hold_nothing(&file.display().to_string(), &found);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nor_does_a_dump_of_one_that_was_played_on_postgresql() {
    let Some(postgres) = Postgres::find() else {
        return;
    };
    postgres.clear().await;
    let folder = tempfile::tempdir().expect("folder");
    let log = folder.path().join("log");
    let (service, owner) = (postgres.service_url(), postgres.owner_url());
    play(&log, &["--postgres", &service, "--postgres-owner", &owner]);
    let text = fs::read(&log).expect("read");
    must_hold_nothing("the log", &[found(&text), telephones(&text)].concat());
    for name in SERVICES {
        must_hold_nothing(name, &found_in_dump(&postgres.dump(name)));
        // It would have been seen.
        let planted = "CREATE TABLE planted AS
            SELECT '乌其木格' AS text, convert_to('13947200000', 'UTF8') AS bytes";
        let owner = postgres.connect(&owner, name).await;
        owner.execute_unprepared(planted).await.expect("planted");
        let found = found_in_dump(&postgres.dump(name));
        assert_eq!(found.len(), 2, "{name}: {found:?}");
    }
    postgres.clear().await;
}
