//! `yuhui year --cases FILE`: worked cases played on the running system, and
//! what came out compared with what the file expects.

mod adapt;
mod group;
mod institutions;
mod people;
pub(crate) mod pure;
mod totals;

use std::{fs, path::Path, process::ExitCode, sync::Arc};

use anyhow::Context as _;
use yuhui_policy::{
    Policy, PolicyPack,
    case_file::{Case, CaseFile, Kind},
};

use super::{
    Year,
    play::Play,
    sandbox::{self, Sandbox},
    times::Times,
};
use adapt::Adaptation;
use group::Group;

/// Exit code of a file that cannot be read: nothing was loaded.
const UNREADABLE: u8 = 2;

/// What came of the cases.
#[derive(Debug, Default)]
struct Score {
    passed: usize,
    different: usize,
    unsupported: usize,
}

/// Plays a file.
pub(super) async fn run(ask: &Year, path: &Path) -> anyhow::Result<ExitCode> {
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
    for (place, group) in groups.into_iter().enumerate() {
        times.set_prefix(format!("{}/{many}", place + 1));
        times = play(ask, &group, place, times, &mut score).await?;
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
    ask: &Year,
    group: &Group<'_>,
    place: usize,
    times: Times,
    score: &mut Score,
) -> anyhow::Result<Times> {
    let pack = PolicyPack::baotou()
        .with_overrides(&group.params)
        .with_context(|| format!("parameters of case {}", group.first_id()))?;
    let sandbox = Sandbox::of(ask, Some(&format!("group-{place}")))?;
    sandbox.must_be_empty().await?;
    let mut adaptation = Adaptation::new(sandbox.vault()?);
    let mut cannot = Vec::new();
    for case in &group.cases {
        let lines = adaptation.add(case)?;
        cannot.extend(lines.into_iter().map(|line| (case.id.clone(), line)));
    }
    let plot = adaptation.into_plot();
    let begins_on = sandbox::first_day(&plot);
    let system = sandbox.start(&plot, Arc::new(pack), begins_on).await?;

    let mut play = Play::new(&system, &plot, ask.in_flight(), times);
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
    system.stop().await;
    sandbox.clear().await?;
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
