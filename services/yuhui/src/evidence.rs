//! `yuhui evidence export`: decisions with the facts, the versions of the laws and the working days
//! they rest on, in one file that replays on a machine without the database. `yuhui evidence verify`: files of whole
//! cases.

mod verify;

use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use yuhui_kernel::Calendar;
use yuhui_policy::{
    Law, NationalPack, Pack, Policy, PolicyPack,
    case_file::{CaseFile, Kind, Played, play},
    evidence::{
        Evidence as Proof,
        file::{Record, Taken},
    },
};

use crate::replay::Stored;

/// What to do with evidence.
#[derive(Debug, clap::Subcommand)]
pub enum Evidence {
    /// Write decisions to a file for `yuhui replay`.
    Export(Export),
    /// Verify files of whole cases (`EvidenceService.ExportCaseFile`), offline.
    Verify(verify::Verify),
}

/// Which decisions, and where to.
#[derive(Debug, clap::Args)]
pub struct Export {
    /// File to write (JSON Lines).
    #[arg(long, short)]
    out: PathBuf,
    /// Decisions of the worked cases of this file, of either law, instead of the databases'; may be
    /// given several times.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["round", "county", "case"])]
    cases: Vec<PathBuf>,
    #[command(flatten)]
    stored: Stored,
}

/// Does it.
pub async fn run(ask: Evidence) -> anyhow::Result<ExitCode> {
    let ask = match ask {
        Evidence::Export(ask) => ask,
        Evidence::Verify(ask) => return verify::run(&ask),
    };
    let mut out = Out::create(&ask.out)?;
    if ask.cases.is_empty() {
        of_database(&ask.stored, &mut out).await?;
    } else {
        out.write(&calendar(Calendar::china()));
        for path in &ask.cases {
            of_cases(path, &mut out).with_context(|| path.display().to_string())?;
        }
    }
    let (place, count) = (ask.out.display(), out.finish()?);
    println!("{count} decisions written to {place}");
    Ok(if count == 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// The file being written. The first failure is kept, and nothing is written after it.
struct Out {
    place: String,
    file: BufWriter<File>,
    decisions: usize,
    written: std::io::Result<()>,
}

impl Out {
    fn create(path: &Path) -> anyhow::Result<Self> {
        let place = path.display().to_string();
        let file = File::create(path).with_context(|| place.clone())?;
        Ok(Self {
            place,
            file: BufWriter::new(file),
            decisions: 0,
            written: Ok(()),
        })
    }

    fn write(&mut self, record: &Record) {
        if self.written.is_err() {
            return;
        }
        self.written = writeln!(self.file, "{}", record.to_line());
        self.decisions += usize::from(matches!(record, Record::Decision(_)));
    }

    /// How many decisions were written.
    fn finish(mut self) -> anyhow::Result<usize> {
        let flushed = self.written.and_then(|()| self.file.flush());
        flushed.context(self.place)?;
        Ok(self.decisions)
    }
}

fn calendar(calendar: &Calendar) -> Record {
    let csv = calendar.to_csv();
    Record::Calendar { csv }
}

async fn of_database(stored: &Stored, out: &mut Out) -> anyhow::Result<()> {
    let decisions = stored.open().await?;
    for pack in decisions.packs().await?.iter() {
        let toml = pack.to_toml();
        out.write(&Record::Pack { toml });
    }
    for table in decisions.calendars().await? {
        out.write(&calendar(&table));
    }
    decisions
        .each(false, |_, taken| {
            out.write(&Record::Decision(Box::new(taken)))
        })
        .await
}

/// The decisions of the worked cases of a file.
fn of_cases(path: &Path, out: &mut Out) -> anyhow::Result<()> {
    let file = CaseFile::parse(&std::fs::read_to_string(path)?)?;
    match file.law() {
        Policy::Baotou126 => decide(&file, PolicyPack::baotou(), out),
        Policy::NationalChildcare => decide(&file, NationalPack::national(), out),
    }
}

fn decide<L: Law>(file: &CaseFile, pack: &Pack<L>, out: &mut Out) -> anyhow::Result<()> {
    let mut versions = BTreeSet::new();
    for case in &file.cases {
        if !matches!(case.kind, Kind::Family | Kind::Institution) {
            continue;
        }
        let pack = pack.with_overrides(&case.params);
        let pack = pack.with_context(|| format!("parameters of case {}", case.id))?;
        if versions.insert(pack.version().to_owned()) {
            let toml = pack.to_toml();
            out.write(&Record::Pack { toml });
        }
        for (sequence, played) in (1..).zip(play(case, &pack, Calendar::china())) {
            let name = format!("{} {}", case.id, played.claim.id);
            out.write(&Record::Decision(Box::new(taken(name, sequence, played))));
        }
    }
    Ok(())
}

fn taken(case: String, sequence: i64, played: Played) -> Taken {
    let Played {
        facts,
        claim,
        progress,
        determination,
        ..
    } = played;
    let evidence = Proof::of(facts, claim, progress, Calendar::china(), determination);
    Taken {
        case,
        sequence,
        hash: evidence.hash(),
        evidence,
    }
}
