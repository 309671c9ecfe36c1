//! What tests of every service share: what `tests/run` puts around them, servers, tools and where they are; and dice.

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

/// Dice for walks that look random and are the same in every run.
#[derive(Debug)]
pub struct Dice(usize);

impl Dice {
    /// Those that fall as `seed` says.
    #[must_use]
    pub const fn of(seed: usize) -> Self {
        Self(seed)
    }

    /// One of `0..sides`; 0 where there is none.
    pub const fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        match sides {
            0 => 0,
            _ => (self.0 >> 33) % sides,
        }
    }
}

fn variable(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "`tests/run` tells so what there is"
    )]
    std::env::var(name).ok().filter(|it| !it.is_empty())
}
