//! Chains recomputed.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ACTS, GENESIS, Record, head, list};
use crate::{Result, db::Tx};

/// Entries read at a time.
const BATCH: u64 = 1000;

/// What recomputing a chain found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChainReport {
    /// Tenant whose chain it is; the city for what belongs to no county.
    pub scope: String,
    /// Which of the tenant's chains: [`ACTS`], or a side chain.
    pub chain: i16,
    /// Entries read.
    pub entries: i64,
    /// Hash of the last entry.
    pub head: String,
    /// The first place where the chain does not hold; none if it is whole.
    pub broken: Option<Break>,
}

/// Where and how a chain is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Break {
    /// Sequence number of the entry.
    pub seq: i64,
    /// What does not fit.
    pub what: &'static str,
}

impl ChainReport {
    fn empty(scope: &str, chain: i16) -> Self {
        Self {
            scope: scope.into(),
            chain,
            entries: 0,
            head: GENESIS.into(),
            broken: None,
        }
    }

    /// The next entry; beyond a break nothing is looked at.
    fn follow(&mut self, row: &Record) {
        if self.broken.is_some() {
            return;
        }
        match row.fault_after(self.entries, &self.head) {
            Some(what) => self.broken = Some(Break { seq: row.seq, what }),
            None => {
                self.entries = row.seq;
                self.head.clone_from(&row.hash);
            }
        }
    }

    /// Nothing more comes, though `head` may know of more.
    fn end(&mut self, head: Option<&head::Model>) {
        let (seq, hash) = head.map_or((0, GENESIS), |it| (it.seq, &it.hash));
        if self.broken.is_none() && (seq, hash) != (self.entries, &self.head) {
            self.broken = Some(Break {
                seq: self.entries + 1,
                what: "entries at the end are missing",
            });
        }
    }
}

/// Recomputes the chains of the tenant `tx` is bound to: the one of its acts
/// first, even if it is empty, then every side chain there is.
pub async fn verify(tx: &Tx) -> Result<Vec<ChainReport>> {
    let heads = tx.find::<head::Entity>().all(tx.connection()).await?;
    let heads: BTreeMap<i16, head::Model> = heads.into_iter().map(|it| (it.chain, it)).collect();
    let known = heads.keys().copied().chain([ACTS]);
    let mut reports: BTreeMap<i16, ChainReport> = known
        .map(|chain| (chain, ChainReport::empty(tx.scope(), chain)))
        .collect();
    let mut after = None;
    loop {
        let rows = list(tx, after, BATCH).await?;
        let Some(last) = rows.last() else {
            break;
        };
        after = Some(last.place());
        for row in &rows {
            let report = reports.entry(row.chain);
            report
                .or_insert_with(|| ChainReport::empty(tx.scope(), row.chain))
                .follow(row);
        }
    }
    for report in reports.values_mut() {
        report.end(heads.get(&report.chain));
    }
    Ok(reports.into_values().collect())
}
