//! `yuhui audit verify`: recomputes every hash chain offline, out of the
//! databases themselves, without any service running.

use std::{path::PathBuf, process::ExitCode};

use anyhow::bail;
use yuhui_kernel::Tenant;
use yuhui_platform::{
    audit,
    db::{Synchronous, Tenancy},
};

use crate::{
    serve::Stores,
    stack::{Part, Storage, look_into},
};

/// What to do with the audit record.
#[derive(Debug, clap::Subcommand)]
pub enum Audit {
    /// Recompute the chains of every service and county, and the ledger's books.
    Verify(Verify),
}

/// Where the records are.
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// Folder of the SQLite files.
    #[arg(long, env = "YUHUI_DATA", default_value = "./data")]
    data: PathBuf,
    #[command(flatten)]
    stores: Stores,
}

/// Verifies; fails if any chain or book does not hold.
pub async fn run(ask: Audit) -> anyhow::Result<ExitCode> {
    let Audit::Verify(ask) = ask;
    let storage = ask.stores.storage(ask.data, Synchronous::Full);
    let mut broken = 0_usize;
    for part in Part::ALL {
        broken += chains(&storage, *part).await?;
    }
    broken += books(&storage).await?;
    if broken > 0 {
        println!("{broken} do not hold");
        return Ok(ExitCode::FAILURE);
    }
    println!("every chain is whole");
    Ok(ExitCode::SUCCESS)
}

/// Chains of one service; answers how many are broken.
async fn chains(storage: &Storage, part: Part) -> anyhow::Result<usize> {
    if let Storage::Files { folder, .. } = storage {
        let file = folder.join(format!("{}.db", part.name()));
        if !file.exists() {
            bail!("{} is not there", file.display());
        }
    }
    let db = look_into(storage, part).await?;
    let mut broken = 0;
    let counties = Tenant::all().iter().map(|county| Tenancy::One(*county));
    for tenancy in counties.chain([Tenancy::City]) {
        let tx = db.read(tenancy).await?;
        let report = audit::verify(&tx).await?;
        if report.entries == 0 && report.broken.is_none() {
            continue;
        }
        let verdict = match &report.broken {
            None => "whole".to_owned(),
            Some(at) => {
                broken += 1;
                format!("BROKEN at {}: {}", at.seq, at.what)
            }
        };
        let head = report.head.get(..16).unwrap_or_default();
        println!(
            "{:<22} {} {:>8} entries, head {head}, {verdict}",
            part.name(),
            report.scope,
            report.entries
        );
    }
    Ok(broken)
}

/// Books of the ledger; answers how many do not hold.
async fn books(storage: &Storage) -> anyhow::Result<usize> {
    let db = look_into(storage, Part::FundingLedger).await?;
    let mut broken = 0;
    for book in yuhui_funding_ledger::verify_books(&db).await? {
        if book.journals == 0 && book.problems.is_empty() {
            continue;
        }
        let verdict = if book.problems.is_empty() {
            "whole".to_owned()
        } else {
            broken += 1;
            format!("BROKEN: {}", book.problems.join("; "))
        };
        println!(
            "book of {:<14} {:>8} journals, {verdict}",
            book.county, book.journals
        );
    }
    Ok(broken)
}
