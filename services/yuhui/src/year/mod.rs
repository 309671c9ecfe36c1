//! `yuhui year`: a year of the scheme, played on a real system: a synthetic
//! round, or the worked cases of a file. Everything is a gRPC call through the
//! gateway by an account that signed in.

mod against;
mod agenda;
mod bank;
pub(crate) mod cases;
#[cfg(test)]
mod changed;
mod compare;
mod confirm;
mod forms;
mod installments;
mod intake;
mod money;
mod notices;
pub(crate) mod numbers;
mod offices;
mod play;
mod plot;
mod proof;
mod registers;
mod report;
mod retold;
mod review;
mod rivals;
mod sandbox;
mod synthetic;
mod system;
mod times;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use yuhui_policy::{PolicyPack, case_file::Case};

use crate::stack::Stores;
use play::Play;
use sandbox::Sandbox;
use times::Times;

pub(crate) use synthetic::Scale;

/// What to play.
#[derive(Debug, clap::Args)]
pub struct Year {
    /// Play the worked cases of this file instead of a synthetic round; in PostgreSQL in empty
    /// databases, which are empty again afterwards, and with counts of its own.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seed", "scale", "redis"])]
    cases: Option<PathBuf>,
    /// The same seed gives the same round.
    #[arg(long, default_value_t = 126)]
    seed: u64,
    /// Size of the round: 1 is a year of Baotou, about 9,000 cases.
    #[arg(long, default_value = "1")]
    scale: Scale,
    /// Keep the data in this folder; a temporary one is removed at the end.
    #[arg(long)]
    data: Option<PathBuf>,
    #[command(flatten)]
    stores: Stores,
    /// Play against a system that runs elsewhere, and is emptied before: what `deploy/local/up
    /// --sandbox` wrote into year.toml.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["data", "postgres", "redis"])]
    against: Option<PathBuf>,
    /// Calls in flight at a time.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=256))]
    in_flight: u16,
}

/// The claims of a synthetic round as cases, without a system: the same seed and scale give the
/// same cases.
pub(crate) fn synthetic_cases(seed: u64, scale: Scale) -> anyhow::Result<Vec<Case>> {
    retold::cases(&synthetic::write(seed, scale)?)
}

/// Plays it.
pub async fn run(ask: Year) -> anyhow::Result<ExitCode> {
    match &ask.cases {
        Some(path) => cases::run(&ask, path).await,
        None => round(&ask).await,
    }
}

async fn round(ask: &Year) -> anyhow::Result<ExitCode> {
    let plot = synthetic::write(ask.seed, ask.scale)?;
    let sandbox = Sandbox::of(ask, None)?;
    let begins_on = sandbox::first_day(&plot);
    let pack = Arc::new(PolicyPack::baotou().clone());
    let mut times = Times::new(format!("round {}", synthetic::ROUND));
    times.begin("system started", begins_on, 1);
    let system = sandbox.start(&plot, pack, begins_on).await?;
    times.tick();
    times.end();

    let mut play = Play::new(&system, &plot, ask.in_flight(), times).archiving();
    play.run().await?;
    let verdicts = play.verdicts().to_vec();
    play.times_mut()
        .begin("books and chains verified", begins_on, 1);
    let proof = proof::gather(&play, synthetic::ROUND).await;
    play.times_mut().tick();
    play.times_mut().end();
    play.times_mut().finish();
    let sound = report::print(ask, &play, &verdicts, &proof, sandbox.folder());
    system.stop().await;
    Ok(if sound {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Year {
    fn in_flight(&self) -> usize {
        usize::from(self.in_flight)
    }
}
