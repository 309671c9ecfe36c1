//! A pack of whichever law its file says.

use super::{Pack, PackError, PolicyPack, document, identity::Identity};
use crate::{NationalPack, Policy};

/// A pack of one of the laws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnyPack {
    /// 包府办发〔2024〕126号.
    Baotou(Box<PolicyPack>),
    /// 国卫办人口发〔2025〕24号.
    National(Box<NationalPack>),
}

impl From<PolicyPack> for AnyPack {
    fn from(pack: PolicyPack) -> Self {
        Self::Baotou(Box::new(pack))
    }
}

impl From<NationalPack> for AnyPack {
    fn from(pack: NationalPack) -> Self {
        Self::National(Box::new(pack))
    }
}

impl AnyPack {
    /// Reads a pack of the law that `[pack] policy` names; without the key, of 126号.
    pub fn from_toml(text: &str) -> Result<Self, PackError> {
        let document = document(text)?;
        Ok(match Identity::read(&document)?.policy()? {
            Policy::Baotou126 => Self::Baotou(Box::new(Pack::from_document(&document)?)),
            Policy::NationalChildcare => Self::National(Box::new(Pack::from_document(&document)?)),
        })
    }

    /// Reads a version that decided already: see [`Pack::from_stored_toml`].
    pub fn from_stored_toml(text: &str) -> Result<Self, PackError> {
        let document = document(text)?;
        Ok(match Identity::read(&document)?.policy()? {
            Policy::Baotou126 => Self::Baotou(Box::new(Pack::from_stored(document)?)),
            Policy::NationalChildcare => Self::National(Box::new(Pack::from_stored(document)?)),
        })
    }

    /// Writes what [`Self::from_toml`] reads.
    #[must_use]
    pub fn to_toml(&self) -> String {
        match self {
            Self::Baotou(pack) => pack.to_toml(),
            Self::National(pack) => pack.to_toml(),
        }
    }

    /// The embedded pack of a law.
    #[must_use]
    pub fn embedded(policy: Policy) -> Self {
        match policy {
            Policy::Baotou126 => Self::Baotou(Box::new(PolicyPack::baotou().clone())),
            Policy::NationalChildcare => Self::National(Box::new(NationalPack::national().clone())),
        }
    }

    /// Its law.
    #[must_use]
    pub const fn policy(&self) -> Policy {
        match self {
            Self::Baotou(_) => Policy::Baotou126,
            Self::National(_) => Policy::NationalChildcare,
        }
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> &str {
        match self {
            Self::Baotou(pack) => pack.version(),
            Self::National(pack) => pack.version(),
        }
    }
}
