//! Evidence on its way to another machine: JSON Lines, the versions of the laws and the tables of
//! working days first, then the decisions that rest on them. It is replayed without a database.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use yuhui_kernel::{Calendar, CalendarError};

use super::{Evidence, EvidenceError, Mismatch, read_json, replay};
use crate::{AnyPack, PackError};

/// One line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// A version of a law.
    Pack {
        /// The version as [`AnyPack::to_toml`] writes it.
        toml: String,
    },
    /// A table of working days.
    Calendar {
        /// The table as [`Calendar::to_csv`] writes it.
        csv: String,
    },
    /// A decision that rests on what stands above it.
    Decision(Box<Taken>),
}

/// A decision as it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Name of the case.
    pub case: String,
    /// Which evaluation of the case: its revision.
    pub sequence: i64,
    /// Hash recorded when it was taken, hexadecimal.
    pub hash: String,
    /// The decision with all it rested on.
    pub evidence: Evidence,
}

/// A decision of a file, taken again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// The decision.
    pub taken: Taken,
    /// Whether it came out as recorded.
    pub result: Result<(), Broken>,
}

/// A decision that does not come out as recorded.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Broken {
    /// No version of that name is at hand.
    #[error("no version `{0}` of the law to replay it with")]
    UnknownPack(String),
    /// No table of working days of that digest is at hand.
    #[error("no working days `{0}` to replay it with")]
    UnknownCalendar(String),
    /// Facts, claim, progress or determination were changed since.
    #[error("the evidence hashes to {found}, recorded {recorded}")]
    Hash {
        /// Hash of the record.
        recorded: String,
        /// Hash of the evidence as it is now.
        found: String,
    },
    /// The rules decide otherwise.
    #[error(transparent)]
    Decision(#[from] Mismatch),
}

/// A line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadLine {
    /// Not a record.
    #[error("{0}")]
    Record(#[from] EvidenceError),
    /// Not a version of a law.
    #[error("{0}")]
    Pack(#[from] PackError),
    /// Not a table of working days.
    #[error("{0}")]
    Calendar(#[from] CalendarError),
}

impl Record {
    /// The line, without its end.
    #[must_use]
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).expect(super::canonical::ALWAYS_WRITABLE)
    }

    /// Reads a line.
    pub fn from_line(line: &str) -> Result<Self, EvidenceError> {
        read_json(line)
    }
}

/// Replays decisions with the versions of the laws and the tables of working days it has been given,
/// besides the embedded tables.
#[derive(Debug, Default)]
pub struct Replayer {
    packs: BTreeMap<String, AnyPack>,
    calendars: BTreeMap<String, Calendar>,
}

impl Replayer {
    /// Learns a version.
    pub fn learn(&mut self, pack: impl Into<AnyPack>) {
        let pack = pack.into();
        self.packs.insert(pack.version().to_owned(), pack);
    }

    /// Learns a table of working days.
    pub fn learn_calendar(&mut self, calendar: Calendar) {
        let digest = calendar.digest().to_owned();
        self.calendars.insert(digest, calendar);
    }

    /// Takes one line of a file: learns a version or a table, or replays a decision and answers what
    /// came of it.
    pub fn take(&mut self, line: &str) -> Result<Option<Replayed>, BadLine> {
        match Record::from_line(line)? {
            Record::Pack { toml } => {
                self.learn(AnyPack::from_stored_toml(&toml)?);
                Ok(None)
            }
            Record::Calendar { csv } => {
                self.learn_calendar(Calendar::from_csv(&csv)?);
                Ok(None)
            }
            Record::Decision(taken) => {
                let result = self.replay(&taken);
                let taken = *taken;
                Ok(Some(Replayed { taken, result }))
            }
        }
    }

    /// Takes a decision again and compares every byte.
    pub fn replay(&self, taken: &Taken) -> Result<(), Broken> {
        let evidence = &taken.evidence;
        let pack = self
            .packs
            .get(&evidence.pack_version)
            .ok_or_else(|| Broken::UnknownPack(evidence.pack_version.clone()))?;
        let calendar = self.calendar(evidence.calendar.as_deref())?;
        match pack {
            AnyPack::Baotou(pack) => replay(evidence, pack, calendar)?,
            AnyPack::National(pack) => replay(evidence, pack, calendar)?,
        }
        let found = evidence.hash();
        if found != taken.hash {
            let recorded = taken.hash.clone();
            return Err(Broken::Hash { recorded, found });
        }
        Ok(())
    }

    /// The table of that digest; the earliest of what names none.
    fn calendar(&self, digest: Option<&str>) -> Result<&Calendar, Broken> {
        let embedded = Calendar::embedded();
        let found = match digest {
            None => embedded.first(),
            Some(digest) => {
                let mut known = embedded.iter().chain(self.calendars.values());
                known.find(|it| it.digest() == digest)
            }
        };
        found.ok_or_else(|| Broken::UnknownCalendar(digest.unwrap_or_default().to_owned()))
    }
}
