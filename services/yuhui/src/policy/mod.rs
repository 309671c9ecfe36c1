//! `yuhui policy`: the law itself, without a system around it.

mod batch;
pub(crate) mod check;
mod compare;

use std::process::ExitCode;

pub use check::Check;
pub use compare::Compare;

/// What to do with the law.
#[derive(Debug, clap::Subcommand)]
pub enum Policy {
    /// Decide the worked cases of files and compare with what they expect.
    Check(Check),
    /// Decide the same claims under two packs and tell who gains and who loses.
    Compare(Box<Compare>),
}

/// Does it.
pub async fn run(ask: &Policy) -> anyhow::Result<ExitCode> {
    match ask {
        Policy::Check(ask) => check::run(ask),
        Policy::Compare(ask) => compare::run(ask).await,
    }
}
