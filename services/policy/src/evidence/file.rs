//! Evidence on its way to another machine: JSON Lines, the versions of the law first, then the
//! decisions taken under them. It is replayed without a database.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use yuhui_kernel::Calendar;

use super::{Evidence, EvidenceError, Mismatch, read_json, replay};
use crate::{PackError, PolicyPack};

/// One line of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// A version of the law.
    Pack {
        /// The version as [`PolicyPack::to_toml`] writes it.
        toml: String,
    },
    /// A decision taken under a version that stands above it.
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
    /// Not a version of the law.
    #[error("{0}")]
    Pack(#[from] PackError),
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

/// Replays decisions with the versions of the law it has been given.
#[derive(Debug, Default)]
pub struct Replayer {
    packs: BTreeMap<String, PolicyPack>,
}

impl Replayer {
    /// Learns a version.
    pub fn learn(&mut self, pack: PolicyPack) {
        self.packs.insert(pack.version().to_owned(), pack);
    }

    /// Takes one line of a file: learns a version, or replays a decision and answers what came of
    /// it.
    pub fn take(&mut self, line: &str) -> Result<Option<Replayed>, BadLine> {
        match Record::from_line(line)? {
            Record::Pack { toml } => {
                self.learn(PolicyPack::from_toml(&toml)?);
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
        replay(evidence, pack, Calendar::china())?;
        let found = evidence.hash();
        if found != taken.hash {
            let recorded = taken.hash.clone();
            return Err(Broken::Hash { recorded, found });
        }
        Ok(())
    }
}
