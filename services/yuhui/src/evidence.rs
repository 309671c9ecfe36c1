//! `yuhui evidence export`: decisions with the facts and the versions of the law they rest on, in
//! one file that replays on a machine without the database.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context as _;
use yuhui_policy::evidence::file::Record;

use crate::replay::Stored;

/// What to do with evidence.
#[derive(Debug, clap::Subcommand)]
pub enum Evidence {
    /// Write decisions to a file for `yuhui replay`.
    Export(Export),
}

/// Which decisions, and where to.
#[derive(Debug, clap::Args)]
pub struct Export {
    /// File to write (JSON Lines).
    #[arg(long, short)]
    out: PathBuf,
    #[command(flatten)]
    stored: Stored,
}

/// Does it.
pub async fn run(ask: Evidence) -> anyhow::Result<ExitCode> {
    let Evidence::Export(ask) = ask;
    let decisions = ask.stored.open().await?;
    let place = ask.out.display().to_string();
    let mut file = BufWriter::new(File::create(&ask.out).with_context(|| place.clone())?);
    for pack in decisions.packs().await?.iter() {
        let toml = pack.to_toml();
        writeln!(file, "{}", Record::Pack { toml }.to_line()).with_context(|| place.clone())?;
    }
    let mut written = Ok(0_usize);
    decisions
        .each(false, |_, taken| {
            let line = Record::Decision(Box::new(taken)).to_line();
            if let Ok(count) = written {
                written = writeln!(file, "{line}").map(|()| count + 1);
            }
        })
        .await?;
    let count = written.with_context(|| place.clone())?;
    file.flush().with_context(|| place.clone())?;
    println!("{count} decisions written to {place}");
    Ok(if count == 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
