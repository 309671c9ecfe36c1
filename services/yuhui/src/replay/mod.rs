//! `yuhui replay`: takes decisions again, years later or on another machine, and names every one
//! of which a byte differs.

mod stored;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use yuhui_policy::evidence::file::{Broken, Replayer, Taken};

pub use stored::Stored;

/// What to replay.
#[derive(Debug, clap::Args)]
pub struct Replay {
    /// Files of `yuhui evidence export`; without any, the decisions of the databases.
    #[arg(value_name = "FILE", conflicts_with_all = ["round", "county", "case"])]
    files: Vec<PathBuf>,
    #[command(flatten)]
    stored: Stored,
}

/// What came of the replays of one place.
#[derive(Debug, Default)]
struct Score {
    replayed: usize,
    broken: usize,
}

/// Replays; fails if any decision comes out otherwise.
pub async fn run(ask: Replay) -> anyhow::Result<ExitCode> {
    let scores = if ask.files.is_empty() {
        from_database(&ask.stored).await?
    } else {
        let files = ask.files.iter();
        files
            .map(|it| from_file(it))
            .collect::<anyhow::Result<_>>()?
    };
    let mut total = Score::default();
    for (place, score) in &scores {
        println!("{place}: {}", score.told());
        total.replayed += score.replayed;
        total.broken += score.broken;
    }
    println!("in all: {}", total.told());
    Ok(if total.broken == 0 && total.replayed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn from_database(ask: &Stored) -> anyhow::Result<Vec<(String, Score)>> {
    let decisions = ask.open().await?;
    let mut replayer = Replayer::default();
    for pack in decisions.packs().await?.iter() {
        replayer.learn(pack.clone());
    }
    for calendar in decisions.calendars().await? {
        replayer.learn_calendar(calendar);
    }
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    decisions
        .each(false, |county, taken| {
            let score = scores.entry(county.as_str().to_owned()).or_default();
            score.count(&taken, replayer.replay(&taken));
        })
        .await?;
    Ok(scores.into_iter().collect())
}

fn from_file(path: &Path) -> anyhow::Result<(String, Score)> {
    let place = path.display().to_string();
    let file = File::open(path).with_context(|| place.clone())?;
    let mut replayer = Replayer::default();
    let mut score = Score::default();
    for (at, line) in BufReader::new(file).lines().enumerate() {
        let line = line.with_context(|| place.clone())?;
        let found = replayer
            .take(&line)
            .with_context(|| format!("{place}, record {}", at + 1))?;
        if let Some(found) = found {
            score.count(&found.taken, found.result);
        }
    }
    Ok((place, score))
}

impl Score {
    /// Counts a replay; one that differs is printed.
    fn count(&mut self, taken: &Taken, result: Result<(), Broken>) {
        self.replayed += 1;
        if let Err(broken) = result {
            self.broken += 1;
            println!("{} evaluation {}: {broken}", taken.case, taken.sequence);
        }
    }

    fn told(&self) -> String {
        let same = self.replayed - self.broken;
        let Self { replayed, broken } = self;
        format!("{replayed} decisions replayed, {same} the same to the byte, {broken} different")
    }
}
