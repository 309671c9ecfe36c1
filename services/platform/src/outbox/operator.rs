//! Lanes that do not get on, for `yuhui events`.

use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};

use super::{DROPPED, digest, lane, message};
use crate::{
    Result,
    db::{Database, Tenancy, Tx},
    refusal::not_found,
};

/// A lane whose last delivery failed, and the event at its head.
#[derive(Clone, Debug)]
pub struct Stuck {
    /// Tenant.
    pub tenant: String,
    /// Where its events go.
    pub destination: String,
    /// Id of the event.
    pub event_id: String,
    /// Its kind.
    pub kind: String,
    /// What it is about.
    pub object: String,
    /// Of what the last delivery failed.
    pub reason: String,
    /// Deliveries in a row that failed.
    pub attempts: i32,
    /// When the event was written, milliseconds since 1970.
    pub since: i64,
    /// Bytes of the event.
    pub size: usize,
    /// SHA-256 it was written with.
    pub digest: String,
}

/// Lanes that do not get on, of every tenant.
pub async fn stuck(db: &Database) -> Result<Vec<Stuck>> {
    let tx = db.read(Tenancy::All).await?;
    let mut stuck = Vec::new();
    for lane in lane::failing(&tx).await? {
        let head = head(&tx, &lane).await?;
        let Some(head) = head else { continue };
        stuck.push(Stuck {
            reason: lane.error,
            attempts: lane.failures,
            tenant: head.tenant,
            destination: head.destination,
            event_id: head.event_id,
            kind: head.kind,
            object: head.object,
            since: head.at,
            size: head.body.len(),
            digest: head.digest,
        });
    }
    Ok(stuck)
}

async fn head(tx: &Tx, lane: &lane::Lane) -> Result<Option<message::Model>> {
    Ok(tx
        .find::<message::Entity>()
        .filter(message::Column::Tenant.eq(&lane.tenant))
        .filter(message::Column::Destination.eq(&lane.destination))
        .filter(message::Column::Seq.gt(lane.cursor))
        .order_by_asc(message::Column::Seq)
        .one(tx.connection())
        .await?)
}

/// Has the lane of a stuck event carried at once.
pub async fn retry(tx: &Tx, stuck: &Stuck) -> Result<()> {
    match lane::make_due(tx, &stuck.destination).await? {
        true => Ok(()),
        false => Err(not_found(format!("events/{}", stuck.event_id)).into()),
    }
}

/// Gives an event up: its place is delivered without it. To be recorded in the
/// same transaction.
pub async fn give_up(tx: &Tx, stuck: &Stuck) -> Result<()> {
    let row = tx
        .find::<message::Entity>()
        .filter(message::Column::Destination.eq(&stuck.destination))
        .filter(message::Column::EventId.eq(&stuck.event_id))
        .one(tx.connection())
        .await?
        .ok_or_else(|| not_found(format!("events/{}", stuck.event_id)))?;
    let mut row = row.into_active_model();
    row.kind = Set(DROPPED.into());
    row.body = Set(Vec::new());
    row.digest = Set(digest(&[]));
    tx.update(row).await?;
    retry(tx, stuck).await
}
