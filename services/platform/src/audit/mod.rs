//! The audit record: who did what to what, when, from where, why, and how it
//! was before and after. Written in the transaction of the act; each entry
//! holds the hash of the one before it, so that nothing can be changed, left
//! out or put in between unnoticed.

mod acknowledged;
mod append;
pub mod entry;
mod head;
mod trail;
mod verify;

use sea_orm::{ColumnTrait as _, QueryFilter as _};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

pub use acknowledged::{Kept, forgotten, missing};
pub use append::record;
pub(crate) use append::write;
pub use entry::{Model as Record, Place};
pub use head::{Model as Head, heads};
pub use trail::Trail;
pub use verify::{Break, ChainReport, verify};
use verify::{Reached, verify_after};

use crate::{Result, db::Tx};

/// Hash before the first entry.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// The chain of a tenant's acts.
pub const ACTS: i16 = 0;
/// Side chains of a tenant, numbered from 1.
const SIDE_CHAINS: u8 = 16;

/// What was done.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    chain: i16,
    action: String,
    object: String,
    before: Option<String>,
    after: Option<String>,
    reason: String,
    note: String,
}

impl Entry {
    /// `action` (e.g. `case.confirm`) on `object` (a resource name).
    pub fn new(action: impl Into<String>, object: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            object: object.into(),
            ..Self::default()
        }
    }

    /// Goes to one of the tenant's side chains, chosen by its object: for what a
    /// stranger can cause as often as he likes, so that no act queues up behind it.
    #[must_use]
    pub fn aside(mut self) -> Self {
        let [first, ..] = <[u8; 32]>::from(Sha256::digest(&self.object));
        self.chain = ACTS + 1 + i16::from(first % SIDE_CHAINS);
        self
    }

    /// The state before. Must hold no personal data in clear.
    #[must_use]
    pub fn before(mut self, state: &impl Serialize) -> Self {
        self.before = Some(json(state));
        self
    }

    /// The state after. Must hold no personal data in clear.
    #[must_use]
    pub fn after(mut self, state: &impl Serialize) -> Self {
        self.after = Some(json(state));
        self
    }

    /// Why.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }

    /// Anything else worth keeping.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }
}

/// States are plain structures; should one not be JSON, that is recorded.
fn json(state: &impl Serialize) -> String {
    serde_json::to_string(state).unwrap_or_else(|error| format!("\"{error}\""))
}

/// Entries of the tenant after a place: chain by chain, each oldest first.
pub async fn list(tx: &Tx, after: Option<Place>, limit: u64) -> Result<Vec<Record>> {
    page(tx, None, after, limit).await
}

/// The head of the tenant's chain of acts, as the transaction knows it: place and hash of its last entry.
pub async fn head(tx: &Tx) -> Result<Option<(i64, String)>> {
    let heads = tx.find::<head::Entity>();
    let own = heads.filter(head::Column::Chain.eq(ACTS));
    let own = own.one(tx.connection()).await?;
    Ok(own.map(|it| (it.seq, it.hash)))
}

/// One entry of a chain of acts, by its place.
pub async fn act_at(tx: &Tx, tenant: &str, seq: i64) -> Result<Option<Record>> {
    let entry = tx
        .find::<entry::Entity>()
        .filter(entry::Column::Tenant.eq(tenant))
        .filter(entry::Column::Chain.eq(ACTS))
        .filter(entry::Column::Seq.eq(seq));
    Ok(entry.one(tx.connection()).await?)
}

/// The same, of those on one object, all of them if it is none.
pub async fn page(
    tx: &Tx,
    object: Option<&str>,
    after: Option<Place>,
    limit: u64,
) -> Result<Vec<Record>> {
    let mut rows = tx.find::<entry::Entity>();
    if let Some(object) = object {
        rows = rows.filter(entry::Column::Object.eq(object));
    }
    let mut rows = rows.cursor_by((entry::Column::Chain, entry::Column::Seq));
    if let Some(place) = after {
        rows.after(place);
    }
    Ok(rows.first(limit).all(tx.connection()).await?)
}

#[cfg(test)]
mod tests;
