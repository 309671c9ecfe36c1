//! Where a sealed text lies.

use crate::db::Tenancy;

use super::VaultError;

/// How the rows of a table are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// By a column of text.
    Text(&'static str),
    /// By a column of UUIDs.
    Uuid(&'static str),
    /// By several columns of text.
    Texts(&'static [&'static str]),
    /// By a column of text, and one of numbers.
    Numbered(&'static str, &'static str),
}

/// A sealed column of a table. Services declare each, so that all of them can be sealed anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The column that tells the tenant.
    pub tenant: &'static str,
    /// The column that tells the row.
    pub row: Row,
}

impl Sealed {
    /// The place in one row.
    pub fn at(self, tenant: impl Into<Tenancy>, row: impl ToString) -> Place {
        Place {
            sealed: self,
            tenant: tenant.into(),
            row: row.to_string(),
        }
    }
}

/// Where one sealed text lies; it opens nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    sealed: Sealed,
    tenant: Tenancy,
    row: String,
}

impl Place {
    pub(super) fn owner(&self) -> Result<Tenancy, VaultError> {
        match self.tenant {
            Tenancy::All => Err(VaultError::NoOwner),
            owner => Ok(owner),
        }
    }

    /// The row.
    #[must_use]
    pub fn row(&self) -> &str {
        &self.row
    }

    /// What is authenticated with the text. Each part tells its length, so that no two places read
    /// alike.
    pub(super) fn authenticated(&self, service: &str) -> Vec<u8> {
        let parts = [
            service,
            self.tenant.scope(),
            self.sealed.table,
            self.sealed.column,
            &self.row,
        ];
        lengths_first(&parts)
    }
}

/// The parts, each after its length, so that no two lists read alike.
pub(super) fn lengths_first(parts: &[&str]) -> Vec<u8> {
    let mut all = Vec::new();
    for part in parts {
        all.extend_from_slice(&part.len().to_be_bytes());
        all.extend_from_slice(part.as_bytes());
    }
    all
}
