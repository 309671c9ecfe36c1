//! Reading a whole case file.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::{Case, CaseFileError, CaseReader, Fault, Header};
use crate::Policy;

/// A file of cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFile {
    law: Policy,
    /// Name of the set.
    pub set: String,
    /// The cases.
    pub cases: Vec<Case>,
}

impl CaseFile {
    /// Reads a file: all of it, or nothing with every fault of every case.
    pub fn parse(text: &str) -> Result<Self, CaseFileError> {
        let mut reader = CaseReader::new(text.as_bytes());
        let Header { law, set } = match reader.header()? {
            Some(header) => header,
            None => {
                let header = reader.header_after_cases()?;
                reader = CaseReader::new(text.as_bytes());
                reader.header()?;
                header
            }
        };
        let (mut cases, mut faults): (Vec<Case>, Vec<Fault>) = Default::default();
        let mut ids = Ids::default();
        while let Some(raw) = reader.next_case()? {
            match raw.read(law) {
                Ok((case, _)) if ids.is_new(&case.id) => cases.push(case),
                Ok((case, _)) => faults.push(raw.repeated(&case.id)),
                Err(found) => faults.extend(found),
            }
        }
        if faults.is_empty() {
            Ok(Self { law, set, cases })
        } else {
            Err(CaseFileError::Faulty(faults))
        }
    }

    /// The law its cases are of.
    #[must_use]
    pub const fn law(&self) -> Policy {
        self.law
    }
}

/// The ids of the cases of a file so far; of each a digest, for a file may have many.
#[derive(Debug, Default)]
pub struct Ids(BTreeSet<[u8; 16]>);

impl Ids {
    /// Whether no case before has this id.
    pub fn is_new(&mut self, id: &str) -> bool {
        let digest = Sha256::digest(id);
        let mut short = [0; 16];
        short.copy_from_slice(digest.get(..16).unwrap_or_default());
        self.0.insert(short)
    }
}
