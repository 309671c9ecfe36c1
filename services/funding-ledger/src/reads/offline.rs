//! The books out of the database itself, without a running service.

use yuhui_kernel::Tenant;
use yuhui_platform::{
    Result,
    db::{Database, Tenancy},
};

use crate::store::verify;

/// What recomputing one book found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookReport {
    /// County code; the code of the city for its book.
    pub county: String,
    /// Journals read.
    pub journals: i64,
    /// Hash of the last one, hex.
    pub head_hash: String,
    /// What does not hold; empty if the book is whole.
    pub problems: Vec<String>,
}

/// Recomputes every county's book and the city's.
pub async fn verify_books(db: &Database) -> Result<Vec<BookReport>> {
    let mut reports = Vec::new();
    for county in Tenant::all() {
        let tx = db.read(*county).await?;
        reports.push(report(county.as_str(), verify::county(&tx).await?));
    }
    let tx = db.read(Tenancy::All).await?;
    reports.push(report(Tenancy::City.scope(), verify::city(&tx).await?));
    Ok(reports)
}

fn report(county: &str, verdict: verify::Verdict) -> BookReport {
    BookReport {
        county: county.into(),
        journals: verdict.journals,
        head_hash: verdict.head_hash,
        problems: verdict.problems,
    }
}
