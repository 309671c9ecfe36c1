//! `yuhui policy compare`: what another reading of the law would change — who gains, who loses, how
//! much — before it is put in force.

use std::{collections::BTreeSet, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use yuhui_kernel::{Calendar, Money, divisions};
use yuhui_policy::{
    AnyPack, Claim, Facts, Law, Pack, Policy, Progress,
    case_file::{Case, Kind, play},
    compare::{Change, Comparison, Said, Tally, compare},
};
use yuhui_rehearsal::{synthetic::Scale, synthetic_cases};

use super::check::{read_cases, read_pack};
use crate::{replay::Stored, settings::Given, stack::Stores};

/// Exit code of a file that cannot be read, or packs that cannot be compared.
const UNREADABLE: u8 = 2;

/// What to compare.
#[derive(Debug, clap::Args)]
pub struct Compare {
    /// The pack that is in force.
    #[arg(value_name = "A.toml")]
    before: PathBuf,
    /// The pack that is proposed.
    #[arg(value_name = "B.toml")]
    after: PathBuf,
    /// Only claims of this round; every round otherwise.
    #[arg(long)]
    round: Option<i32>,
    /// Claims of these case files. Parameters of single cases are left out of account.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    cases: Vec<PathBuf>,
    /// Claims as they were last decided by a system whose SQLite files are in this folder.
    #[arg(long, value_name = "FOLDER", conflicts_with = "cases")]
    stored: Option<PathBuf>,
    #[command(flatten)]
    stores: Stores,
    /// Claims of a synthetic round of the city; so it is if nothing else is said.
    #[arg(long, conflicts_with_all = ["cases", "stored", "postgres"])]
    generated: bool,
    /// Size of the synthetic round: 1 is a year of Baotou, about 9,000 claims.
    #[arg(long, default_value = "1", conflicts_with_all = ["cases", "stored", "postgres"])]
    scale: Scale,
    /// The same seed gives the same synthetic round.
    #[arg(long, default_value_t = 126, conflicts_with_all = ["cases", "stored", "postgres"])]
    seed: u64,
    /// List every claim that changes.
    #[arg(long)]
    list: bool,
}

/// Compares and prints. Exits with 2 if a file cannot be read or the packs are of two laws.
pub async fn run(ask: &Compare) -> anyhow::Result<ExitCode> {
    match compare_packs(ask).await {
        Ok(comparison) => {
            print!("{}", told(&comparison, ask.list)?);
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            eprintln!("{error:#}");
            Ok(ExitCode::from(UNREADABLE))
        }
    }
}

async fn compare_packs(ask: &Compare) -> anyhow::Result<Comparison> {
    match packs(ask)? {
        (AnyPack::Baotou(before), AnyPack::Baotou(after)) => compared(ask, &before, &after).await,
        (AnyPack::National(before), AnyPack::National(after)) => {
            compared(ask, &before, &after).await
        }
        (before, after) => anyhow::bail!(
            "{} is of {}, {} is of {}: two laws cannot be compared",
            before.version(),
            before.policy().document(),
            after.version(),
            after.policy().document()
        ),
    }
}

fn packs(ask: &Compare) -> anyhow::Result<(AnyPack, AnyPack)> {
    Ok((read_pack(&ask.before)?, read_pack(&ask.after)?))
}

async fn compared<L: Law>(
    ask: &Compare,
    before: &Pack<L>,
    after: &Pack<L>,
) -> anyhow::Result<Comparison> {
    let calendar = Calendar::china();
    let claims = if ask.stored.is_some() || ask.stores.postgres.is_some() {
        stored(ask).await?
    } else {
        claims(ask, before)?
    };
    Ok(compare(before, after, calendar, ask.round, claims)?)
}

/// Claims of a system, each as it was decided last.
async fn stored(ask: &Compare) -> anyhow::Result<Vec<(Facts, Claim, Progress)>> {
    let folder = ask.stored.clone().unwrap_or_default();
    let source = Stored::of(Given::of(folder, ask.stores.clone()));
    let mut claims = Vec::new();
    let decisions = source.open().await?;
    decisions
        .each(true, |_, taken| {
            let evidence = taken.evidence;
            claims.push((evidence.facts, evidence.claim, evidence.progress));
        })
        .await?;
    anyhow::ensure!(!claims.is_empty(), "no claim was decided there");
    Ok(claims)
}

/// The claims of the source asked for, each at the end of its case under the pack in force.
fn claims<L: Law>(ask: &Compare, pack: &Pack<L>) -> anyhow::Result<Vec<(Facts, Claim, Progress)>> {
    let cases = if ask.cases.is_empty() {
        anyhow::ensure!(
            L::POLICY == Policy::Baotou126,
            "a synthetic round has claims of {} only",
            Policy::Baotou126.document()
        );
        synthetic_cases(ask.seed, ask.scale)?
    } else {
        let mut cases = Vec::new();
        for path in &ask.cases {
            let file = read_cases(path)?;
            let law = file.law();
            anyhow::ensure!(
                law == L::POLICY,
                "{}: its cases are of {}, the packs of {}",
                path.display(),
                law.document(),
                L::POLICY.document()
            );
            let named = path.file_stem().context("a file has a name")?;
            let several = ask.cases.len() > 1;
            let prefix = several.then(|| named.to_string_lossy().into_owned());
            cases.extend(file.cases.into_iter().map(|mut case| {
                if let Some(prefix) = &prefix {
                    case.id = format!("{prefix}/{}", case.id);
                }
                case
            }));
        }
        cases
    };
    let households = cases
        .iter()
        .filter(|case| matches!(case.kind, Kind::Family | Kind::Institution));
    Ok(households.flat_map(|case| end(case, pack)).collect())
}

/// The claims of a case; their ids begin with its own.
fn end<L: Law>(case: &Case, pack: &Pack<L>) -> Vec<(Facts, Claim, Progress)> {
    let played = play(case, pack, Calendar::china()).into_iter();
    let named = played.map(|played| {
        let mut claim = played.claim;
        let mut facts = played.facts;
        // Findings of fraud name the claim they taint.
        for finding in &mut facts.frauds {
            finding.claim = format!("{} {}", case.id, finding.claim);
        }
        claim.id = format!("{} {}", case.id, claim.id);
        (facts, claim, played.progress)
    });
    named.collect()
}

/// The comparison as text.
fn told(comparison: &Comparison, list: bool) -> anyhow::Result<String> {
    let mut lines = vec![format!("{} -> {}", comparison.before, comparison.after)];
    lines.push(format!(
        "{:<14} {:>7}  {:>6} {:>16}  {:>6} {:>16}  {:>6}  {:>16} {:>16}",
        "", "claims", "gain", "fen", "lose", "fen", "other", "before fen", "after fen"
    ));
    let (mut counties, mut programmes) = (BTreeSet::new(), BTreeSet::new());
    for (county, programme) in comparison.cells.keys() {
        counties.insert(*county);
        programmes.insert(*programme);
    }
    for county in &counties {
        let name = county.to_string();
        lines.push(row(&name, &comparison.of_county(*county)?));
        for programme in &programmes {
            if let Some(cell) = comparison.cells.get(&(*county, *programme)) {
                lines.push(row(&format!("  {name} {}", programme.code()), cell));
            }
        }
    }
    for programme in &programmes {
        let tally = comparison.of_programme(*programme)?;
        lines.push(row(programme.code(), &tally));
    }
    let total = comparison.total()?;
    lines.push(row("all", &total));
    lines.push(verdict(&total));
    if list {
        lines.extend(comparison.changes.iter().map(change));
    }
    lines.push(String::new());
    Ok(lines.join("\n"))
}

fn row(name: &str, tally: &Tally) -> String {
    format!(
        "{name:<14} {:>7}  {:>6} {:>16}  {:>6} {:>16}  {:>6}  {:>16} {:>16}",
        tally.claims,
        tally.gain.claims,
        tally.gain.amount.fen(),
        tally.lose.claims,
        tally.lose.amount.fen(),
        tally.otherwise,
        tally.before.fen(),
        tally.after.fen()
    )
}

fn verdict(total: &Tally) -> String {
    let Tally { gain, lose, .. } = total;
    format!(
        "{} claims gain {} yuan, {} lose {} yuan, {} change their reason only; {} yuan become {} yuan",
        gain.claims,
        gain.amount,
        lose.claims,
        lose.amount,
        total.otherwise,
        total.before,
        total.after
    )
}

fn change(change: &Change) -> String {
    let county = divisions::name_of(change.county).unwrap_or_default();
    format!(
        "{}  {} {county}  {} -> {}",
        change.claim,
        change.programme.code(),
        said(&change.before),
        said(&change.after)
    )
}

fn said(said: &Said) -> String {
    let amount: Money = said.amount;
    match said.reason {
        Some(reason) => format!(
            "{} {} {}",
            said.decision.code(),
            reason.code(),
            amount.fen()
        ),
        None => format!("{} {}", said.decision.code(), amount.fen()),
    }
}
