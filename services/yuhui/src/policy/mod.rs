//! `yuhui policy`: the law itself, without a system around it.

mod check;

use std::process::ExitCode;

pub use check::Check;

/// What to do with the law.
#[derive(Debug, clap::Subcommand)]
pub enum Policy {
    /// Decide the worked cases of files and compare with what they expect.
    Check(Check),
}

/// Does it.
pub fn run(ask: &Policy) -> anyhow::Result<ExitCode> {
    match ask {
        Policy::Check(ask) => check::run(ask),
    }
}
