//! `yuhui config`: the settings that result, and what stands against them.

use std::process::ExitCode;

use crate::{
    serve::{self, Serve},
    settings::{self, Given},
};

/// What to do with the settings.
#[derive(Debug, clap::Subcommand)]
pub enum Config {
    /// Look for everything that stands against serving, without serving.
    Check(Box<Serve>),
    /// Print the settings that result, without passwords.
    Show(Given),
}

/// Does it; fails if anything stands against serving.
pub async fn run(ask: Config) -> anyhow::Result<ExitCode> {
    match ask {
        Config::Show(given) => {
            print!("{}", settings::show(&given)?);
            Ok(ExitCode::SUCCESS)
        }
        Config::Check(serve) => {
            let refused = serve::refusals(&serve).await?;
            for it in &refused {
                println!("{it}");
            }
            if refused.is_empty() {
                println!("nothing stands against it");
                return Ok(ExitCode::SUCCESS);
            }
            Ok(ExitCode::FAILURE)
        }
    }
}
