//! Refusals that no contract names, gathered from every process of a run of the tests, which lists them at its end.

use std::{env, ffi::OsString, fs::OpenOptions, io::Write as _, sync::LazyLock};

/// The file in which they are gathered.
#[expect(
    clippy::disallowed_methods,
    reason = "no setting: whoever runs the tests says it to every process at once"
)]
static FILE: LazyLock<Option<OsString>> = LazyLock::new(|| env::var_os("YUHUI_TEST_UNDECLARED"));

/// Adds a line, of method and reason.
pub(super) fn note(path: &str, reason: &str) {
    let Some(file) = &*FILE else {
        return;
    };
    let line = format!("{path}\t{reason}\n");
    let written = OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .and_then(|mut it| it.write_all(line.as_bytes()));
    if let Err(error) = written {
        tracing::error!(%error, "not noted");
    }
}
