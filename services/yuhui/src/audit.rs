//! `yuhui audit verify`: recomputes every hash chain offline, out of the
//! databases themselves, without any service running.

use std::{collections::BTreeMap, process::ExitCode};

use yuhui_platform::{audit, db::Tenancy};

use crate::{
    settings::Given,
    stack::{Part, Storage},
};

/// What to do with the audit record.
#[derive(Debug, clap::Subcommand)]
pub enum Audit {
    /// Recompute the chains of every service and county, and the ledger's books; look
    /// for what was acknowledged.
    Verify(Verify),
}

/// Where the records are.
#[derive(Debug, clap::Args)]
pub struct Verify {
    #[command(flatten)]
    given: Given,
}

/// Verifies; fails if any chain or book does not hold.
pub async fn run(ask: Audit) -> anyhow::Result<ExitCode> {
    let Audit::Verify(ask) = ask;
    let storage = ask.given.storage()?;
    let mut broken = 0_usize;
    for part in Part::ALL {
        broken += chains(&storage, *part).await?;
    }
    broken += books(&storage).await?;
    broken += acknowledged(&storage).await?;
    if broken > 0 {
        println!("{broken} do not hold");
        return Ok(ExitCode::FAILURE);
    }
    println!("every chain is whole, and what was acknowledged is there");
    Ok(ExitCode::SUCCESS)
}

/// Chains of one service; answers how many are broken.
async fn chains(storage: &Storage, part: Part) -> anyhow::Result<usize> {
    let db = storage.look_into(part).await?;
    let mut broken = 0;
    for tenancy in Tenancy::each() {
        let tx = db.read(tenancy).await?;
        for report in audit::verify(&tx).await? {
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
            let name = match report.chain {
                audit::ACTS => report.scope,
                side => format!("{}/{side}", report.scope),
            };
            let head = report.head.get(..16).unwrap_or_default();
            println!(
                "{:<22} {name:<9} {:>8} entries, head {head}, {verdict}",
                part.name(),
                report.entries
            );
        }
    }
    Ok(broken)
}

/// Books of the ledger; answers how many do not hold.
async fn books(storage: &Storage) -> anyhow::Result<usize> {
    let db = storage.look_into(Part::FundingLedger).await?;
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

/// Objects that callers were told of, and events that services told each other;
/// answers how many are not there.
async fn acknowledged(storage: &Storage) -> anyhow::Result<usize> {
    let mut databases = BTreeMap::new();
    for part in Part::ALL {
        databases.insert(part.name(), storage.look_into(*part).await?);
    }
    let tenancies: Vec<_> = Tenancy::each().collect();
    let mut lost = 0;
    for part in Part::ALL {
        let Some(db) = databases.get(part.name()) else {
            continue;
        };
        for tenancy in &tenancies {
            let tx = db.read(*tenancy).await?;
            for name in audit::missing(&tx, part.kept()).await? {
                lost += 1;
                println!("{}: {name} was acknowledged and is not there", part.name());
            }
            for destination in part.destinations() {
                let Some(receiver) = databases.get(destination) else {
                    continue;
                };
                for event in audit::forgotten(&tx, part.name(), destination, receiver).await? {
                    lost += 1;
                    println!(
                        "{destination}: event {event} of {} was acknowledged and is not there",
                        part.name()
                    );
                }
            }
        }
    }
    Ok(lost)
}
