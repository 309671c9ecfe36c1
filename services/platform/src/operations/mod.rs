//! Work in bulk: what touches more than a page of things goes on after the call that began it, slice
//! by slice. A slice is one transaction, which commits its effect together with where the work stands;
//! whoever is killed in one has done nothing of it, and any replica goes on from there. Counties take
//! turns, slice by slice.
//!
//! A service says what there is to do with [`Work`], begins it in an act with [`Operations::begin`],
//! and has the rest done by a [`Worker`].

mod asker;
mod begin;
mod rows;
mod server;
mod worker;

use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;
use yuhui_kernel::Tenant;

pub use begin::BegunOperation;
pub(crate) use rows::prune;
pub use worker::Worker;

use crate::{
    Error, Result,
    caller::Caller,
    clock::Clock,
    db::{Database, Tenancy, Tx},
};

/// Items of a slice, unless settings say otherwise.
pub const SLICE: u64 = 500;

/// The operations of one service.
#[derive(Clone)]
pub struct Operations {
    db: Database,
    clock: Clock,
    service: &'static str,
    slice: u64,
    /// Finance asks for some of them, and sees them.
    has_finance: bool,
}

impl Operations {
    /// Those of `service`, kept in its database, with so many items to a slice.
    #[must_use]
    pub fn new(service: &'static str, db: Database, clock: Clock, slice: u64) -> Self {
        Self {
            db,
            clock,
            service,
            slice: slice.max(1),
            has_finance: false,
        }
    }

    /// Finance acts here too. What a service does for others is none of its business.
    #[must_use]
    pub fn with_finance(mut self) -> Self {
        self.has_finance = true;
        self
    }

    fn name(&self, tenancy: Tenancy, id: Uuid) -> String {
        format!("{}/operations/{id}", self.parent(tenancy))
    }

    fn parent(&self, tenancy: Tenancy) -> String {
        let county = match tenancy {
            Tenancy::One(tenant) => tenant.as_str(),
            Tenancy::City | Tenancy::All => "-",
        };
        format!("counties/{county}/services/{}", self.service)
    }
}

/// One kind of work in bulk.
#[tonic::async_trait]
pub trait Work: Send + Sync + 'static {
    /// What was asked for. Kept as it is: it must hold no personal data.
    type Ask: Serialize + DeserializeOwned + Send + Sync + 'static;
    /// Where the work stands. Kept likewise; at first it is the default.
    type Place: Serialize + DeserializeOwned + Default + Send + Sync + 'static;
    /// What the next slice needs that is not asked for in its transaction.
    type Ready: Send;
    /// Name of the method that asks for it.
    const METHOD: &'static str;

    /// Asks others for what the next slice needs.
    async fn prepare(&self, at: &At<'_, Self>) -> Result<Self::Ready>;

    /// Does the next slice in `tx`. What it refuses with an error is tried again later; what ends the
    /// work is told with [`Next`]. Commits nothing by itself.
    async fn apply(
        &self,
        at: &At<'_, Self>,
        tx: &Tx,
        ready: Self::Ready,
    ) -> Result<Slice<Self::Place>>;
}

/// A slice to be done.
pub struct At<'a, W: Work + ?Sized> {
    /// Who asked for the work; it is done in his name.
    pub caller: &'a Caller,
    /// The county.
    pub tenant: Tenant,
    /// Resource name of the operation.
    pub operation: &'a str,
    /// What was asked for.
    pub ask: &'a W::Ask,
    /// Where the work stands.
    pub place: &'a W::Place,
    /// Most items of the slice.
    pub slice: u64,
    /// It was asked to end here. Work that cannot goes on to its end.
    pub is_cancelling: bool,
}

/// After which row the next slice begins, if this one was full; otherwise it was the last.
pub fn next_after<T, Key>(rows: &[T], slice: u64, key: impl FnOnce(&T) -> Key) -> Option<Key> {
    let is_full = u64::try_from(rows.len()).is_ok_and(|it| it >= slice);
    rows.last().filter(|_| is_full).map(key)
}

/// What a slice came to.
#[derive(Debug)]
pub struct Slice<Place> {
    /// Items there are in all, once that is known.
    pub total: Option<i64>,
    /// Items of the slice that are done.
    pub done: i64,
    /// Those that did not simply come out as done.
    pub items: Vec<Item>,
    /// How it goes on.
    pub next: Next<Place>,
}

/// How work goes on after a slice.
#[derive(Debug)]
pub enum Next<Place> {
    /// From here.
    More(Place),
    /// It is done.
    Done,
    /// It is refused. What the slice wrote stays: it leaves nothing half done.
    Failed(Error),
    /// It was asked to end, and has.
    Cancelled,
}

impl<Place> From<Next<Place>> for Slice<Place> {
    /// A slice without items.
    fn from(next: Next<Place>) -> Self {
        Self {
            total: None,
            done: 0,
            items: Vec::new(),
            next,
        }
    }
}

/// What became of one item that did not simply come out as done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Resource name.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Why, or what came of it: a stable word.
    pub reason: String,
}

/// What becomes of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It failed.
    Failed,
    /// It was passed over, or waits.
    Skipped,
    /// It is done, and something came of it. Counted beside those that are done, not instead.
    Changed,
}

impl Outcome {
    const ALL: [Self; 3] = [Self::Failed, Self::Skipped, Self::Changed];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "FAILED",
            Self::Skipped => "SKIPPED",
            Self::Changed => "CHANGED",
        }
    }

    fn parse(kept: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == kept)
    }
}

#[cfg(test)]
mod tests;
