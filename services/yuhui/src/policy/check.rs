//! `yuhui policy check`: worked cases decided by the rules alone, and what came
//! out compared with what the files expect.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use yuhui_kernel::Calendar;
use yuhui_policy::{
    AnyPack,
    case_file::{Case, CaseFile, CheckOutcome, check},
};

use crate::year::cases::pure;

/// Exit code if something was not checked: a file that cannot be read, a case that was refused.
const UNREADABLE: u8 = 2;

/// What to check.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// Case files (schema `baotou-policy-cases/1`).
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Decide with the parameters of this pack instead of the built-in one of the file's law.
    #[arg(long, value_name = "FILE.toml")]
    pack: Option<PathBuf>,
    /// Print differences and sums only, not every case that passes.
    #[arg(long, short)]
    quiet: bool,
}

/// What came of the cases of one file or of several.
#[derive(Debug, Default)]
struct Score {
    passed: usize,
    failed: usize,
    refused: usize,
    differences: usize,
}

/// Checks every file, and of a file every case, that can be read. Exits with 1 if anything differs,
/// with 2 if a case was refused, or a file or the pack cannot be read.
pub fn run(ask: &Check) -> anyhow::Result<ExitCode> {
    let own = match ask.pack.as_deref().map(read_pack).transpose() {
        Ok(own) => own,
        Err(error) => {
            eprintln!("{error:#}");
            return Ok(ExitCode::from(UNREADABLE));
        }
    };
    let mut total = Score::default();
    let mut unreadable = 0;
    for path in &ask.files {
        match check_file(path, own.as_ref(), ask.quiet) {
            Ok(score) => total.add(&score),
            Err(error) => {
                eprintln!("{error:#}");
                unreadable += 1;
            }
        }
    }
    if ask.files.len() > 1 {
        let files = ask.files.len() - unreadable;
        println!("{files} files read, {unreadable} not; {}", total.told());
    }
    Ok(match (unreadable + total.refused, total.failed) {
        (0, 0) => ExitCode::SUCCESS,
        (0, _) => ExitCode::FAILURE,
        _ => ExitCode::from(UNREADABLE),
    })
}

/// Reads a pack of whichever law it is of.
pub(super) fn read_pack(path: &Path) -> anyhow::Result<AnyPack> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    AnyPack::from_toml(&text).with_context(|| path.display().to_string())
}

/// The pack that decides the cases of a file: the one given, if it is of the file's law.
fn pack_for(file: &CaseFile, own: Option<&AnyPack>, path: &Path) -> anyhow::Result<AnyPack> {
    let law = file.law();
    match own {
        None => Ok(AnyPack::embedded(law)),
        Some(own) if own.policy() == law => Ok(own.clone()),
        Some(own) => anyhow::bail!(
            "{}: its cases are of {}, the pack {} is of {}",
            path.display(),
            law.document(),
            own.version(),
            own.policy().document()
        ),
    }
}

/// Reads a case file, all of it or nothing.
pub(super) fn read_cases(path: &Path) -> anyhow::Result<CaseFile> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    CaseFile::parse(&text).with_context(|| path.display().to_string())
}

/// Checks one file and prints a line per case, a line per difference or fault, and the sum.
fn check_file(path: &Path, own: Option<&AnyPack>, quiet: bool) -> anyhow::Result<Score> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let (file, faults) = CaseFile::sift(&text).with_context(|| path.display().to_string())?;
    let pack = pack_for(&file, own, path)?;
    let mut score = Score::default();
    for case in &file.cases {
        let differences = differences(case, &pack);
        if !differences.is_empty() {
            println!("failed  {}  {}", case.id, case.title);
            differences
                .iter()
                .for_each(|line| println!("        {line}"));
            score.failed += 1;
            score.differences += differences.len();
        } else {
            if !quiet {
                println!("passed  {}  {}", case.id, case.title);
            }
            score.passed += 1;
        }
    }
    for faults in faults.chunk_by(|one, next| one.case == next.case) {
        let case = faults.first().map(|fault| fault.case.as_str());
        println!("refused {}", case.unwrap_or_default());
        for fault in faults {
            eprintln!("{}: {fault}", path.display());
        }
        score.refused += 1;
    }
    println!("{} with {}: {}", file.set, pack.version(), score.told());
    Ok(score)
}

/// What is not as the case expects, a line each.
fn differences(case: &Case, pack: &AnyPack) -> Vec<String> {
    let calendar = Calendar::china();
    let outcome = match pack {
        AnyPack::Baotou(pack) => check(case, pack, calendar),
        AnyPack::National(pack) => check(case, pack, calendar),
    };
    match (outcome, pack) {
        (CheckOutcome::Checked(found), _) => found.iter().map(ToString::to_string).collect(),
        // What money does is for the ledger to say.
        (CheckOutcome::NotHere, AnyPack::Baotou(pack)) => pure::book(case, pack).map_or_else(
            |error| vec![format!("{} {error:#}", case.id)],
            |lines| {
                lines
                    .iter()
                    .map(|line| format!("{} {line}", case.id))
                    .collect()
            },
        ),
        (CheckOutcome::NotHere, AnyPack::National(_)) => {
            vec![format!("{} nothing checks this case", case.id)]
        }
    }
}

impl Score {
    fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.refused += other.refused;
        self.differences += other.differences;
    }

    fn told(&self) -> String {
        let Self {
            passed,
            failed,
            refused,
            differences,
        } = self;
        let cases = passed + failed + refused;
        let refused = match refused {
            0 => String::new(),
            some => format!(", {some} refused"),
        };
        format!(
            "{cases} cases, {passed} passed, {failed} failed{refused}, {differences} differences"
        )
    }
}
