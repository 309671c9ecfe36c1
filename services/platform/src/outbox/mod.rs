//! Events on their way out: written in the transaction of what happened,
//! delivered at least once and in order per lane, which is a destination and a
//! tenant: what one county's events do to a destination holds up no other's.

mod lane;
mod message;
pub mod operator;
mod relay;

use std::collections::BTreeMap;

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};
use sha2::{Digest as _, Sha256};
use yuhui_proto::internal::v1::{DeliverRequest, Event};

pub use relay::{Pace, Relay};

use crate::{Error, Result, clock, db::Tx};

/// Kind of an event that its source gave up: it takes its place, and has no effect.
pub(crate) const DROPPED: &str = "dropped";

/// Rows named in one statement.
const CHUNK: usize = 500;

/// An event that leaves when its transaction commits.
pub(crate) struct Outgoing {
    destination: String,
    event: Event,
}

/// Sends `event` to `destination` (a service) if this transaction commits.
///
/// Fills in the id and the county. Events take their places in their lanes at
/// the end of the transaction, so that they leave in the order of the commits.
pub fn publish(tx: &Tx, destination: &str, mut event: Event) -> Result<()> {
    if !tx.writes() {
        return Err(Error::fault("a transaction that only reads sends nothing"));
    }
    if event.event_id.is_empty() {
        event.event_id = clock::fresh_id().to_string();
    }
    if event.county.is_empty() {
        event.county = tx.scope().into();
    }
    tx.outgoing().push(Outgoing {
        destination: destination.into(),
        event,
    });
    Ok(())
}

/// Writes what was published, as the last statements before COMMIT: the heads
/// of the lanes stay locked for no longer. Answers whether there was anything.
pub(crate) async fn write(tx: &Tx) -> Result<bool> {
    let outgoing = std::mem::take(&mut *tx.outgoing());
    let mut lanes: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    for it in outgoing {
        lanes.entry(it.destination).or_default().push(it.event);
    }
    // By name, like every other lock.
    for (destination, events) in &lanes {
        append(tx, destination, events).await?;
    }
    Ok(!lanes.is_empty())
}

async fn append(tx: &Tx, destination: &str, events: &[Event]) -> Result<()> {
    let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let mut seq = lane::advance_head(tx, destination, count).await? - count;
    let mut about: BTreeMap<String, i64> = BTreeMap::new();
    for event in events {
        *about.entry(event.object()).or_default() += 1;
    }
    let mut revisions = revisions(tx, destination, about).await?;
    let at = clock::real_millis();
    let mut rows = Vec::with_capacity(events.len());
    for event in events {
        seq += 1;
        let message = DeliverRequest::of(event, digest);
        let revision = revisions.entry(message.object.clone()).or_default();
        *revision += 1;
        rows.push(message::ActiveModel {
            tenant: NotSet,
            destination: Set(destination.into()),
            seq: Set(seq),
            event_id: Set(message.event_id),
            kind: Set(message.kind),
            object: Set(message.object),
            revision: Set(*revision),
            digest: Set(message.digest),
            body: Set(message.event),
            at: Set(at),
        });
    }
    tx.insert_all(rows).await
}

/// Counts events on objects; answers how many there were of each before.
async fn revisions(
    tx: &Tx,
    destination: &str,
    about: BTreeMap<String, i64>,
) -> Result<BTreeMap<String, i64>> {
    use message::objects::{ActiveModel, Column, Entity};
    let counts: Vec<(String, i64)> = about.into_iter().collect();
    let mut before = BTreeMap::new();
    for chunk in counts.chunks(CHUNK) {
        let rows = chunk.iter().map(|(object, count)| ActiveModel {
            tenant: Set(tx.scope().into()),
            destination: Set(destination.into()),
            object: Set(object.clone()),
            revision: Set(*count),
        });
        let add = Expr::col((Entity, Column::Revision)).add(Expr::cust("excluded.revision"));
        let known = OnConflict::columns([Column::Tenant, Column::Destination, Column::Object])
            .value(Column::Revision, add)
            .to_owned();
        let rows = Entity::insert_many(rows)
            .on_conflict(known)
            .exec_with_returning(tx.connection())
            .await?;
        let counts: BTreeMap<_, _> = chunk.iter().cloned().collect();
        for row in rows {
            let count = counts.get(&row.object).copied().unwrap_or_default();
            before.insert(row.object, row.revision - count);
        }
    }
    Ok(before)
}

/// SHA-256, hex: what an event is sent with.
#[must_use]
pub fn digest(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

/// An event that a destination has acknowledged.
pub(crate) struct Delivered {
    pub(crate) seq: i64,
    pub(crate) event_id: String,
    pub(crate) object: String,
    pub(crate) revision: i64,
}

/// Up to `limit` events of the tenant after a place that `destination` has
/// acknowledged and that are still kept.
pub(crate) async fn delivered(
    tx: &Tx,
    destination: &str,
    after: i64,
    limit: u64,
) -> Result<Vec<Delivered>> {
    let cursor = lane::cursor(tx, destination).await?;
    let rows = tx
        .find::<message::Entity>()
        .filter(message::Column::Destination.eq(destination))
        .filter(message::Column::Seq.gt(after))
        .filter(message::Column::Seq.lte(cursor))
        .order_by_asc(message::Column::Seq)
        .limit(limit)
        .all(tx.connection())
        .await?;
    let delivered = rows.into_iter().map(|it| Delivered {
        seq: it.seq,
        event_id: it.event_id,
        object: it.object,
        revision: it.revision,
    });
    Ok(delivered.collect())
}

/// Objects of the tenant that something of that kind is on its way about:
/// `destination` has not acknowledged it.
pub async fn on_the_way(tx: &Tx, destination: &str, kind: &str) -> Result<Vec<String>> {
    let cursor = lane::cursor(tx, destination).await?;
    let objects = tx
        .find::<message::Entity>()
        .filter(message::Column::Destination.eq(destination))
        .filter(message::Column::Seq.gt(cursor))
        .filter(message::Column::Kind.eq(kind))
        .select_only()
        .column(message::Column::Object);
    Ok(objects.into_tuple().all(tx.connection()).await?)
}

/// Forgets events of the tenant that were acknowledged and are older than that
/// moment (milliseconds since 1970); answers how many.
pub(crate) async fn prune(tx: &Tx, before: i64) -> Result<u64> {
    let mut gone = 0;
    for lane in lane::of_tenant(tx).await? {
        let done = tx
            .delete_where::<message::Entity>()
            .filter(message::Column::Destination.eq(lane.destination))
            .filter(message::Column::Seq.lte(lane.cursor))
            .filter(message::Column::At.lt(before))
            .exec(tx.connection())
            .await?;
        gone += done.rows_affected;
    }
    Ok(gone)
}

#[cfg(test)]
mod tests;
