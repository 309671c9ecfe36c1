//! How the rules read what is in no list.

use serde::{Deserialize, Serialize};

/// How the rules read what is in no list. Evidence keeps it, because what an absence was read as, it
/// is read as again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Model {
    /// As before facts had three states: a birth date that nobody knows bars nothing.
    #[default]
    One,
    /// What is neither listed nor a gap is known to be absent: a birth that no register knows is for
    /// a person to weigh.
    Two,
}

impl Model {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
    pub(super) const fn is_first(&self) -> bool {
        matches!(self, Self::One)
    }
}

impl From<Model> for u8 {
    fn from(model: Model) -> Self {
        match model {
            Model::One => 1,
            Model::Two => 2,
        }
    }
}

impl TryFrom<u8> for Model {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        match number {
            1 => Ok(Self::One),
            2 => Ok(Self::Two),
            other => Err(format!("no model {other} of the facts: 1 or 2")),
        }
    }
}
