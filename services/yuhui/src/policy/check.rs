//! `yuhui policy check`: worked cases decided by the rules alone, and what came
//! out compared with what the files expect.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use yuhui_policy::{
    AnyPack, Policy,
    case_file::{Brief, CaseFile, CaseReader, Header, Ids},
};

use super::batch::{Batch, Found, Verdict};

/// Exit code if something was not checked: a file that cannot be read, a case that was refused.
const UNREADABLE: u8 = 2;
/// Longest id, title and name printed, in characters.
const NAME: usize = 100;
/// Longest line of a difference, in characters.
const LINE: usize = 1_000;
/// Most differences printed of one case.
const LINES: usize = 50;

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
        let mut score = Score::default();
        if let Err(error) = check_file(path, own.as_ref(), ask.quiet, &mut score) {
            eprintln!("{error:#}");
            unreadable += 1;
        }
        total.add(&score);
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
pub(crate) fn read_pack(path: &Path) -> anyhow::Result<AnyPack> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    AnyPack::from_toml(&text).with_context(|| path.display().to_string())
}

/// The pack that decides the cases of a file: the one given, if it is of the file's law.
fn pack_for(law: Policy, own: Option<&AnyPack>, path: &Path) -> anyhow::Result<AnyPack> {
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

/// A reader that stands before the first case, and what the file says of itself.
fn open(path: &Path) -> anyhow::Result<(CaseReader<File>, Header)> {
    let named = || path.display().to_string();
    let begin = || -> anyhow::Result<_> {
        let mut reader = CaseReader::new(File::open(path).with_context(named)?);
        let header = reader.header().with_context(named)?;
        Ok((reader, header))
    };
    let (mut reader, header) = begin()?;
    if let Some(header) = header {
        return Ok((reader, header));
    }
    let is_file = fs::metadata(path).is_ok_and(|it| it.is_file());
    anyhow::ensure!(
        is_file,
        "{}: what is no regular file says its law before its cases",
        named()
    );
    let header = reader.header_after_cases().with_context(named)?;
    Ok((begin()?.0, header))
}

/// Checks one file and prints a line per case, a line per difference or fault, and the sum: case by
/// case, a few in memory at a time. What is wrong with the file as such is told when its cases are
/// checked.
fn check_file(
    path: &Path,
    own: Option<&AnyPack>,
    quiet: bool,
    score: &mut Score,
) -> anyhow::Result<()> {
    let named = || path.display().to_string();
    let (mut reader, header) = open(path)?;
    let pack = pack_for(header.law, own, path)?;
    let mut ids = Ids::default();
    let mut out = BufWriter::new(io::stdout().lock());
    let (mut batch, mut trouble) = Batch::read(&mut reader);
    while !batch.is_empty() {
        let (decided, (next, more)) = batch.decide(header.law, &pack, || Batch::read(&mut reader));
        for (raw, mut found) in decided {
            if let Some(id) = &found.id
                && !ids.is_new(id)
            {
                found.verdict = Verdict::Refused(vec![raw.repeated(id)]);
            }
            score.count(&found);
            tell(&mut out, path, raw.at.0, &found, quiet)?;
        }
        out.flush()?;
        batch = next;
        trouble = trouble.or(more);
    }
    let set = Brief(&header.set, NAME);
    writeln!(out, "{set} with {}: {}", pack.version(), score.told())?;
    out.flush()?;
    trouble.map_or(Ok(()), |error| Err(error).with_context(named))
}
/// Prints what came of a case: one line, and one for each difference or fault.
fn tell(
    out: &mut impl io::Write,
    path: &Path,
    line: usize,
    found: &Found,
    quiet: bool,
) -> io::Result<()> {
    let file = path.display();
    let title = Brief(&found.title, NAME);
    let id = Brief(found.id.as_deref().unwrap_or_default(), NAME);
    match &found.verdict {
        Verdict::Passed if quiet => {}
        Verdict::Passed => writeln!(out, "passed  {id}  {title}")?,
        Verdict::Failed(lines) => {
            writeln!(out, "failed  {id}  {title}")?;
            for line in lines.iter().take(LINES) {
                writeln!(out, "        {}", Brief(line, LINE))?;
            }
            if let Some(more) = lines.len().checked_sub(LINES + 1) {
                writeln!(out, "        and {} more", more + 1)?;
            }
        }
        Verdict::Refused(faults) => {
            let case = faults.first().map_or("", |fault| fault.case.as_str());
            writeln!(out, "refused {}  line {line}", Brief(case, NAME))?;
            out.flush()?;
            for fault in faults {
                eprintln!("{file}: {fault}");
            }
        }
    }
    for remark in found.remarks.iter().filter(|_| !quiet) {
        eprintln!("{file}: rare: {remark}");
    }
    Ok(())
}

impl Score {
    fn count(&mut self, found: &Found) {
        match &found.verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed(lines) => {
                self.failed += 1;
                self.differences += lines.len();
            }
            Verdict::Refused(_) => self.refused += 1,
        }
    }

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
