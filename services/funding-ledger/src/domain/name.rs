//! Resource names of the ledger.

/// `counties/{county}/proposals/{id}`.
#[must_use]
pub fn proposal(county: &str, id: &str) -> String {
    format!("counties/{county}/proposals/{id}")
}

/// `counties/{county}/journals/{sequence}`.
#[must_use]
pub fn journal(county: &str, sequence: i64) -> String {
    format!("counties/{county}/journals/{sequence}")
}
