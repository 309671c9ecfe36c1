//! `yuhui year`: a year of the scheme, played on a real system, in this process or elsewhere.

#[cfg(test)]
mod changed;
mod elsewhere;
mod here;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use yuhui_rehearsal::{Round, cases, synthetic::Scale};

use crate::stack::Stores;
use elsewhere::Elsewhere;
use here::Here;

/// Longest that events may be on their way after an act: what takes longer never ends.
const EVENTS_TAKE: Duration = Duration::from_secs(180);

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

/// Plays it.
pub async fn run(ask: Year) -> anyhow::Result<ExitCode> {
    match &ask.cases {
        Some(path) => ask.play_cases(path).await,
        None => ask.play_round().await,
    }
}

impl Year {
    async fn play_cases(&self, path: &Path) -> anyhow::Result<ExitCode> {
        match &self.against {
            Some(file) => cases::run(path, self.in_flight(), async |_| Elsewhere::read(file)).await,
            None => {
                cases::run(path, self.in_flight(), async |group| {
                    self.empty(group).await
                })
                .await
            }
        }
    }

    async fn play_round(&self) -> anyhow::Result<ExitCode> {
        let round = Round::write(self.seed, self.scale)?;
        match &self.against {
            Some(file) => {
                let elsewhere = Elsewhere::read(file)?;
                round.play(&elsewhere, self.in_flight(), None).await
            }
            None => {
                let here = self.here(None)?;
                let kept_in = self.data.as_deref();
                round.play(&here, self.in_flight(), kept_in).await
            }
        }
    }

    /// Worked cases mix with nobody's data.
    async fn empty(&self, group: &str) -> anyhow::Result<Here> {
        let here = self.here(Some(group))?;
        here.must_be_empty().await?;
        Ok(here)
    }

    fn here(&self, name: Option<&str>) -> anyhow::Result<Here> {
        Here::prepare(self.data.as_deref(), name, self.stores.clone())
    }

    fn in_flight(&self) -> usize {
        usize::from(self.in_flight)
    }
}
