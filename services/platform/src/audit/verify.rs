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

/// Where a verification stands: behind an entry of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reached {
    pub(super) chain: i16,
    pub(super) seq: i64,
    /// Hash of that entry.
    pub(super) hash: String,
}

/// Beyond a break nothing of a chain is looked at.
const BEYOND: i64 = i64::MAX;

impl Reached {
    /// Where it goes on after the last chain that a page came to.
    fn after(report: &ChainReport) -> Self {
        let is_broken = report.broken.is_some();
        Self {
            chain: report.chain,
            seq: if is_broken { BEYOND } else { report.entries },
            hash: report.head.clone(),
        }
    }
}

/// What recomputing one page of entries found.
pub(super) struct Verified {
    /// Entries read.
    pub(super) entries: u64,
    /// The chains it came to, each as far as it is verified by now.
    pub(super) reports: Vec<ChainReport>,
    /// Where the next page begins; none if everything is verified.
    pub(super) next: Option<Reached>,
}

/// Recomputes the chains of the tenant `tx` is bound to: the one of its acts
/// first, even if it is empty, then every side chain there is.
pub async fn verify(tx: &Tx) -> Result<Vec<ChainReport>> {
    Ok(verify_after(tx, None, u64::MAX).await?.reports)
}

/// The same, of at most so many entries after a place; few of them are in memory at a time.
pub(super) async fn verify_after(tx: &Tx, from: Option<Reached>, limit: u64) -> Result<Verified> {
    let (mut reports, mut entries, mut from) = (BTreeMap::new(), 0, from);
    loop {
        let page = verify_page(tx, from, BATCH.min(limit - entries)).await?;
        let found = page.reports.into_iter();
        reports.extend(found.map(|it| (it.chain, it)));
        entries += page.entries;
        from = page.next;
        if from.is_none() || entries >= limit {
            return Ok(Verified {
                entries,
                reports: reports.into_values().collect(),
                next: from,
            });
        }
    }
}

/// One page. A chain ends where its entries do, by what the
/// transaction knows of its head: one that has grown since the page before is as whole.
async fn verify_page(tx: &Tx, from: Option<Reached>, limit: u64) -> Result<Verified> {
    let heads = tx.find::<head::Entity>().all(tx.connection()).await?;
    let heads: BTreeMap<i16, head::Model> = heads.into_iter().map(|it| (it.chain, it)).collect();
    let rows = list(tx, from.as_ref().map(|it| (it.chain, it.seq)), limit).await?;
    let entries = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let unfinished = rows.last().filter(|_| entries >= limit).map(|it| it.chain);

    // Nothing lies before the first page, whatever number it was given.
    let first = from.as_ref().map_or(i16::MIN, |it| it.chain);
    let last = unfinished.unwrap_or(i16::MAX);
    let of_rows = rows.iter().map(|it| it.chain);
    let known = heads.keys().copied().chain(of_rows);
    let known = known.chain([ACTS]).chain(from.as_ref().map(|it| it.chain));
    let mut reports: BTreeMap<i16, ChainReport> = known
        .filter(|chain| (first..=last).contains(chain))
        .map(|chain| (chain, ChainReport::empty(tx.scope(), chain)))
        .collect();
    match from {
        Some(reached) if reached.seq == BEYOND => _ = reports.remove(&reached.chain),
        Some(reached) => {
            if let Some(report) = reports.get_mut(&reached.chain) {
                (report.entries, report.head) = (reached.seq, reached.hash);
            }
        }
        None => {}
    }
    for row in &rows {
        if let Some(report) = reports.get_mut(&row.chain) {
            report.follow(row);
        }
    }
    for report in reports.values_mut() {
        if unfinished != Some(report.chain) {
            report.end(heads.get(&report.chain));
        }
    }
    let next = unfinished
        .and_then(|it| reports.get(&it))
        .map(Reached::after);
    Ok(Verified {
        entries,
        reports: reports.into_values().collect(),
        next,
    })
}
