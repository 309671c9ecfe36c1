//! Plays a year of the scheme on a running system: a synthetic round, or the worked cases of a file.
//! Everything is a gRPC call through the gateway by an account that signed in, as the public contracts
//! describe it; at the end money, books and audit records must be what they have to be. Who starts the
//! system gives it as a [`System`], and says as a [`Place`] how one is started.

pub mod accounts;
mod agenda;
mod bank;
pub mod cases;
mod compare;
mod confirm;
pub mod forecast;
mod forms;
mod installments;
mod intake;
mod money;
mod notices;
mod numbers;
mod offices;
mod operations;
mod play;
pub mod plot;
mod proof;
mod received;
mod registers;
mod report;
mod retold;
mod review;
mod rivals;
mod seen;
pub mod synthetic;
mod system;
mod times;

use std::{path::Path, process::ExitCode};

use futures::future::LocalBoxFuture;
use yuhui_policy::{PolicyPack, case_file::Case};

use plot::Plot;
use synthetic::Scale;

pub use numbers::Numbers;
pub use play::{Play, Standing};
pub use received::{Received, digest_of};
pub use system::{Needs, Place, Runs, System};
pub use times::Times;

/// The claims of a synthetic round as cases, without a system: the same seed and scale give the
/// same cases.
pub fn synthetic_cases(seed: u64, scale: Scale) -> anyhow::Result<Vec<Case>> {
    retold::cases(&synthetic::write(seed, scale)?)
}

/// A synthetic round.
pub struct Round {
    seed: u64,
    plot: Plot,
}

impl Round {
    /// Writes it. The same seed and scale give the same round.
    pub fn write(seed: u64, scale: Scale) -> anyhow::Result<Self> {
        let plot = synthetic::write(seed, scale)?;
        Ok(Self { seed, plot })
    }

    /// Plays it, with so many calls in flight, and prints the report, which also says in which folder
    /// the data are kept. Fails if not everything reconciles.
    pub async fn play(
        &self,
        place: &impl Place,
        in_flight: usize,
        kept_in: Option<&Path>,
    ) -> anyhow::Result<ExitCode> {
        let mut times = Times::new(format!("round {}", synthetic::ROUND));
        let needs = Needs::of(&self.plot, PolicyPack::baotou().clone())?;
        let begins_on = needs.begins_on;
        times.begin("system started", begins_on, 1);
        let system = place.start(needs).await?;
        times.tick();
        times.end();
        // Boxed, to be compiled here and not once more for each place.
        let played: LocalBoxFuture<'_, _> =
            Box::pin(self.play_on(system, in_flight, times, kept_in));
        played.await
    }

    async fn play_on(
        &self,
        system: System,
        in_flight: usize,
        times: Times,
        kept_in: Option<&Path>,
    ) -> anyhow::Result<ExitCode> {
        let begins_on = system.clock.today();
        let mut play = Play::new(&system, &self.plot, in_flight, times).archiving();
        play.run().await?;
        let verdicts = play.verdicts().to_vec();
        play.times_mut()
            .begin("books and chains verified", begins_on, 1);
        let proof = proof::gather(&play, synthetic::ROUND).await;
        play.times_mut().tick();
        play.times_mut().end();
        play.times_mut().finish();
        let sound = report::print(self.seed, kept_in, &play, &verdicts, &proof);
        system.runs.stop().await;
        Ok(if sound {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}
