//! Decisions out of the database itself, without a running service: for a replay years later.

use std::sync::Arc;

use uuid::Uuid;
use yuhui_kernel::{Calendar, Tenant};
use yuhui_platform::{
    Result,
    db::{Database, Tenancy},
};
use yuhui_policy::{PolicyPack, evidence::file::Taken, pack::Catalogue};

use crate::{
    packs::Packs,
    proof,
    store::{self, cases::Filter},
};

/// Cases read at a time.
const PAGE: u64 = 200;

/// Which decisions of a county are wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Which {
    /// Of this round; 0 for all.
    pub round: i32,
    /// Of this case only.
    pub case: Option<Uuid>,
    /// Only the latest decision of each case.
    pub latest_only: bool,
}

/// Reads the decisions of a county, case by case in the order they were taken, and hands each to
/// `each`.
pub async fn decisions(
    db: &Database,
    county: Tenant,
    which: Which,
    mut each: impl FnMut(Taken),
) -> Result<()> {
    let mut filter = Filter {
        round: which.round,
        ..Filter::default()
    };
    loop {
        let tx = db.read(county).await?;
        let cases: Vec<Uuid> = match which.case {
            Some(case) => vec![case],
            None => {
                let page = store::cases::list(&tx, &filter, Some(PAGE)).await?;
                page.into_iter().map(|it| it.case.id).collect()
            }
        };
        let Some(last) = cases.last() else {
            return Ok(());
        };
        filter.after = Some(last.to_string());
        let found = store::evidence::of(&tx, &cases).await?;
        drop(tx);
        for (at, stored) in found.iter().enumerate() {
            let next = found.get(at + 1);
            let superseded = next.is_some_and(|next| next.case == stored.case);
            if !(which.latest_only && superseded) {
                each(proof::taken(county, stored)?);
            }
        }
        if which.case.is_some() {
            return Ok(());
        }
    }
}

/// The tables of working days that decisions rest on.
pub async fn calendars(db: &Database) -> Result<Vec<Calendar>> {
    let tx = db.read(Tenancy::City).await?;
    store::calendars::all(&tx).await
}

/// The versions of the law: the one that is built in, and those that were approved since.
pub async fn packs(db: &Database) -> Result<Catalogue> {
    let tx = db.read(Tenancy::City).await?;
    let built_in = Arc::new(PolicyPack::baotou().clone());
    Packs::new(built_in).catalogue(&tx).await
}
