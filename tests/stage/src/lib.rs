//! What `tests/run` puts around the tests: servers, tools, and where they are.

/// A setting of the stage, from the environment. By hand a test may do without
/// it, and says what it leaves out; where everything must be tested, under CI,
/// what is missing is a failure.
///
/// # Panics
///
/// Under CI, if it is not set.
#[must_use]
pub fn setting(name: &str) -> Option<String> {
    let found = variable(name);
    if found.is_none() {
        assert!(
            variable("CI").is_none(),
            "{name} is not set, and CI tests everything"
        );
        eprintln!("WITHOUT {name}: it is not set");
    }
    found
}

fn variable(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "`tests/run` tells so what there is"
    )]
    std::env::var(name).ok().filter(|it| !it.is_empty())
}
