//! The executable `yuhui`.

use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use yuhui_stage::setting;

use super::ROOT;

/// Where it lies: as `YUHUI_BIN` says, or beside the tests, built now.
pub(crate) fn path() -> PathBuf {
    if let Some(path) = setting("YUHUI_BIN") {
        return path.into();
    }
    let tests = std::env::current_exe().expect("the tests themselves");
    let folder = tests.parent().and_then(|deps| deps.parent());
    let folder = folder.expect("target/PROFILE/deps");
    let profile = match folder.file_name().and_then(|it| it.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let built = Command::new("cargo")
        .args([
            "build",
            "--quiet",
            "--package",
            "yuhui",
            "--profile",
            profile,
        ])
        .current_dir(ROOT)
        .status()
        .expect("cargo");
    assert!(built.success(), "yuhui does not build");
    folder.join("yuhui")
}

/// What `yuhui bootstrap prepare` is told: login, name and citizen number of two administrators.
pub(crate) const FOUNDERS: &str =
    "sec.one\n张三\n11010519491231002X\nsec.two\n李四\n110101199003070038\n";

/// The one-time secret of `login` in what it said.
pub(crate) fn secret_of(login: &str, said: &str) -> String {
    let line = said.lines().find(|it| it.trim_start().starts_with(login));
    let secret = line.and_then(|it| it.split_whitespace().nth(1));
    secret.expect("a secret").to_owned()
}

/// What it should not tell a tester: every statement that makes a table.
pub(crate) const LOG: (&str, &str) = ("RUST_LOG", "info,sqlx=warn,sea_orm_migration=warn");

/// Longest that it may run. Half of what a test may take: what is ended with the test says nothing, and a test may
/// have come far before it waits.
const LONGEST: Duration = Duration::from_secs(300);

/// Runs it to its end: exit status, and everything it said.
pub(crate) fn run(arguments: &[&str]) -> (Option<i32>, String) {
    run_with(arguments, "")
}

/// The same, with `answers` to what it asks.
pub(crate) fn run_with(arguments: &[&str], answers: &str) -> (Option<i32>, String) {
    let mut child = Command::new(path())
        .args(arguments)
        .env(LOG.0, LOG.1)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("yuhui runs");
    let mut asked = child.stdin.take().expect("its input");
    // It may have ended without asking.
    let _ = asked.write_all(answers.as_bytes());
    drop(asked);
    let watched = watch(child.id(), LONGEST);
    let output = child.wait_with_output().expect("it ends");
    drop(watched);
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into())
}

/// Ends a process that does not end by itself for so long, and tells what it was at; until what it answers is dropped.
pub(super) fn watch(process: u32, longest: Duration) -> mpsc::Sender<()> {
    let (watched, end) = mpsc::channel::<()>();
    thread::spawn(move || {
        if end.recv_timeout(longest) == Err(mpsc::RecvTimeoutError::Timeout) {
            eprintln!("yuhui does not end:\n{}", threads(process));
            let process = i32::try_from(process).ok().and_then(Pid::from_raw);
            let _ = process.map(|it| kill_process(it, Signal::KILL));
        }
    });
    watched
}

/// Names of its threads, what the system has them wait for, and what they did so far.
fn threads(process: u32) -> String {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter();
    let threads = threads.flatten().flatten().map(|thread| {
        let read = |what| fs::read_to_string(thread.path().join(what)).unwrap_or_default();
        let (waits_for, stat) = (read("wchan"), read("stat"));
        format!("{waits_for} {stat}")
    });
    threads.collect()
}
