//! Worked cases of a file played on running systems, and what came out compared
//! with what the file expects.

mod adapt;
mod group;
mod institutions;
mod people;
mod pure;
mod totals;

use std::{fs, path::Path, process::ExitCode};

use yuhui_policy::{
    Policy, PolicyPack,
    case_file::{Case, CaseFile, Kind},
};

use super::{
    play::Play,
    system::{Needs, Place},
    times::Times,
};
use adapt::Adaptation;
use group::Group;

pub use pure::book;

/// Exit code of a file that cannot be read: nothing was loaded.
const UNREADABLE: u8 = 2;

/// What came of the cases.
#[derive(Debug, Default)]
struct Score {
    passed: usize,
    different: usize,
    unsupported: usize,
}

/// Plays a file, with so many calls in flight. Each group of cases is played on a system of its own,
/// which begins empty: `prepare` makes the place for it, by the name of the group.
pub async fn run<P: Place>(
    path: &Path,
    in_flight: usize,
    prepare: impl AsyncFn(&str) -> anyhow::Result<P>,
) -> anyhow::Result<ExitCode> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            return Ok(ExitCode::from(UNREADABLE));
        }
    };
    let file = match CaseFile::parse(&text) {
        Ok(file) => file,
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            return Ok(ExitCode::from(UNREADABLE));
        }
    };
    if file.law() != Policy::Baotou126 {
        eprintln!(
            "{}: the system plays cases of {} only",
            path.display(),
            Policy::Baotou126.document()
        );
        return Ok(ExitCode::from(UNREADABLE));
    }
    let mut score = Score::default();
    for case in &file.cases {
        if !is_played(case) {
            score.add(case, &pure::check(case)?);
        }
    }
    let mut times = Times::new(format!("{} cases", file.set));
    let groups = Group::of(file.cases.iter().filter(|case| is_played(case)));
    let many = groups.len();
    for (number, group) in groups.into_iter().enumerate() {
        times.set_prefix(format!("{}/{many}", number + 1));
        let pack = group.pack()?;
        let place = prepare(&format!("group-{number}")).await?;
        times = play(&place, in_flight, &group, pack, times, &mut score).await?;
    }
    times.finish();
    println!(
        "{}: {} cases, {} as expected, {} different, {} not yet supported; {:?}",
        file.set,
        file.cases.len(),
        score.passed,
        score.different,
        score.unsupported,
        times.total()
    );
    let all = score.different == 0 && score.unsupported == 0;
    Ok(if all {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Whether a case needs the system; the others are checked as functions. Of what is not known the rules
/// alone are asked: a register is silent for a county, not for a case.
fn is_played(case: &Case) -> bool {
    let is_known = case.gaps.is_empty() && case.silent.is_empty() && case.stage.is_none();
    is_known && matches!(case.kind, Kind::Family | Kind::Institution)
}

/// Plays one group on a system of its own.
async fn play(
    place: &impl Place,
    in_flight: usize,
    group: &Group<'_>,
    pack: PolicyPack,
    times: Times,
    score: &mut Score,
) -> anyhow::Result<Times> {
    let mut adaptation = Adaptation::new(place.vault()?);
    let mut cannot = Vec::new();
    for case in &group.cases {
        let lines = adaptation.add(case)?;
        cannot.extend(lines.into_iter().map(|line| (case.id.clone(), line)));
    }
    let plot = adaptation.into_plot();
    let system = place.start(Needs::of(&plot, pack)?).await?;

    let mut play = Play::new(&system, &plot, in_flight, times);
    play.run().await?;
    let mut extra = cannot;
    extra.extend(totals::check(&play, group).await);
    for case in &group.cases {
        let mut lines = Vec::new();
        let mut unsupported = false;
        for (claim, verdict) in plot.claims.iter().zip(play.verdicts()) {
            if belongs(&claim.label, &case.id) {
                lines.extend(verdict.differences.iter().cloned());
                unsupported |= verdict.unsupported;
            }
        }
        lines.extend(
            extra
                .iter()
                .filter(|(id, _)| *id == case.id)
                .map(|(_, line)| line.clone()),
        );
        let unfounded = play.unfounded.iter().filter(|(about, _)| *about == case.id);
        lines.extend(unfounded.map(|(_, line)| line.clone()));
        lines.extend(play.troubles.iter().cloned());
        if unsupported {
            score.unsupported += 1;
            println!("{}: not yet supported by the system", case.id);
        } else {
            score.add(case, &lines);
        }
    }
    let times = play.into_times();
    system.runs.stop().await;
    place.clear().await?;
    Ok(times)
}

/// Labels begin with the id of their case.
fn belongs(label: &str, id: &str) -> bool {
    label.split_once(' ').is_some_and(|(own, _)| own == id)
}

impl Score {
    /// Counts a case and prints its differences, one per line.
    fn add(&mut self, case: &Case, differences: &[String]) {
        if differences.is_empty() {
            self.passed += 1;
            return;
        }
        self.different += 1;
        for line in differences {
            println!("{}: {line}", case.id);
        }
    }
}
