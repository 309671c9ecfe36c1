//! `yuhui keys`: the first keys of a system, where nobody listens.

use std::process::ExitCode;

use crate::settings::{Given, Settings};

/// What to do with the keys.
#[derive(Debug, clap::Subcommand)]
pub enum Keys {
    /// Make the keys that are missing: of each service one that signs, one that seals and the common
    /// one for references, and the public keys of all. None is ever replaced.
    Init(Given),
}

/// Does it.
pub fn run(ask: Keys) -> anyhow::Result<ExitCode> {
    let Keys::Init(given) = ask;
    let made = Settings::read(&given, Vec::new())?.keys().make()?;
    for path in &made {
        println!("{}", path.display());
    }
    println!("{} made", made.len());
    Ok(ExitCode::SUCCESS)
}
