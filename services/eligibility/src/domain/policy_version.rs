//! A version of the law's parameters on its way into force: proposed and endorsed by health, approved by finance
//! (B.4, D.2, R-PRC-9).

use sha2::{Digest, Sha256};
use time::Date;
use uuid::Uuid;

use super::Hand;

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionState {
    /// Waiting for a decision.
    Proposed,
    /// In force on its days.
    Approved,
    /// Never in force.
    Rejected,
}

impl VersionState {
    const ALL: [Self; 3] = [Self::Proposed, Self::Approved, Self::Rejected];

    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "PROPOSED",
            Self::Approved => "APPROVED",
            Self::Rejected => "REJECTED",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }
}

/// A version with who proposed and who decided it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// Id; later proposals have greater ones.
    pub id: Uuid,
    /// Where it stands.
    pub state: VersionState,
    /// The text, as it was proposed.
    pub toml: String,
    /// SHA-256 of the text, hex.
    pub digest: String,
    /// Who proposed it.
    pub proposed_by: Hand,
    /// When.
    pub proposed_on: Date,
    /// What the proposer wrote.
    pub note: String,
    /// Who of the city's health commission endorsed it, and when.
    pub endorsement: Option<(Hand, Date)>,
    /// Who decided.
    pub decision: Option<VersionDecision>,
}

/// How a version was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionDecision {
    /// Who decided.
    pub by: Hand,
    /// When.
    pub on: Date,
    /// What the decider wrote.
    pub reason: String,
}

impl PolicyVersion {
    /// Resource name.
    pub fn name(&self) -> String {
        name(&self.id.to_string())
    }
}

/// Resource name of the version of that id.
pub fn name(id: &str) -> String {
    format!("policyPacks/{id}")
}

/// SHA-256 of a text, hex.
pub fn digest(toml: &str) -> String {
    hex::encode(Sha256::digest(toml.as_bytes()))
}
