//! `yuhui evidence verify`: a case file of `ExportCaseFile` on a machine without the system. The seal is the
//! service's, every decision comes out as recorded, every audit entry has its hash and follows the one before, and
//! no decision that an entry names is missing.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;
use yuhui_platform::{
    audit::Record,
    token::{Keyring, unseal},
};
use yuhui_policy::evidence::file::Replayer;

/// What the file is, and whose.
const KIND: &str = "case file";
const ISSUER: &str = "eligibility";

/// Which files, and who is believed.
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// Files as they were exported.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Public keys (JSON Web Key Set), as `/.well-known/jwks.json` showed them when the files were exported.
    #[arg(long, value_name = "FILE")]
    keys: PathBuf,
}

/// Verifies; fails if any file is not what was exported.
pub(super) fn run(ask: &Verify) -> anyhow::Result<ExitCode> {
    let keys = Keyring::from_file(&ask.keys)?;
    let mut broken = 0_usize;
    for path in &ask.files {
        let place = path.display();
        match verified(&keys, path) {
            Ok(told) => println!("{place}: {told}"),
            Err(error) => {
                broken += 1;
                println!("{place}: NOT TO BE BELIEVED: {error:#}");
            }
        }
    }
    Ok(match broken {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

fn verified(keys: &Keyring, path: &Path) -> anyhow::Result<String> {
    let file = fs::read_to_string(path)?;
    let (text, seal) = unseal(keys, ISSUER, KIND, &file)?;
    let mut found = Found::default();
    for (at, line) in text.lines().enumerate() {
        found
            .take(line)
            .with_context(|| format!("line {}", at + 1))?;
    }
    found.told(seal.lines)
}

/// What a file holds.
#[derive(Default)]
struct Found {
    case: Option<String>,
    replayer: Replayer,
    decisions: BTreeSet<String>,
    entries: Vec<Record>,
}

impl Found {
    fn take(&mut self, line: &str) -> anyhow::Result<()> {
        let value: Value = serde_json::from_str(line)?;
        let name = value.as_object().and_then(|it| it.keys().next());
        match name.map(String::as_str) {
            Some("case_file") => {
                let case = value["case_file"]["case"].as_str();
                self.case = case.map(ToOwned::to_owned);
            }
            Some("pack" | "calendar" | "decision") => self.decision(line)?,
            Some("audit_entry") => {
                self.entry(serde_json::from_value(value["audit_entry"].clone())?)?
            }
            Some(_) => {}
            None => bail!("is no record"),
        }
        Ok(())
    }

    fn decision(&mut self, line: &str) -> anyhow::Result<()> {
        if let Some(replayed) = self.replayer.take(line)? {
            replayed.result?;
            let own = self.case.as_ref() == Some(&replayed.taken.case);
            ensure!(own, "a decision on {}", replayed.taken.case);
            self.decisions.insert(replayed.taken.hash);
        }
        Ok(())
    }

    fn entry(&mut self, entry: Record) -> anyhow::Result<()> {
        ensure!(
            entry.hash == entry.computed_hash(),
            "audit entry {}: its content was changed",
            entry.seq
        );
        ensure!(
            self.case.as_ref() == Some(&entry.object),
            "an audit entry on {}",
            entry.object
        );
        if let Some(last) = self.entries.last().filter(|it| it.chain == entry.chain) {
            let follows =
                entry.seq > last.seq && (entry.seq != last.seq + 1 || entry.previous == last.hash);
            ensure!(
                follows,
                "audit entry {} does not follow the entry before it",
                entry.seq
            );
        }
        self.entries.push(entry);
        Ok(())
    }

    fn told(self, lines: usize) -> anyhow::Result<String> {
        let case = self.case.context("no case is named")?;
        for entry in &self.entries {
            let after: Option<Value> = entry
                .after
                .as_deref()
                .map(serde_json::from_str)
                .transpose()?;
            let named = after.as_ref().and_then(|it| it["evidence"].as_str());
            let is_there = named.is_none_or(|it| self.decisions.contains(it));
            ensure!(
                is_there,
                "the decision that audit entry {} names is missing",
                entry.seq
            );
        }
        let (decisions, entries) = (self.decisions.len(), self.entries.len());
        Ok(format!(
            "{case}, {lines} lines sealed by {ISSUER}, {decisions} decisions replayed to the byte, \
             {entries} audit entries with their hashes"
        ))
    }
}
