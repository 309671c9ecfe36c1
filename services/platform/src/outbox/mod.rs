//! Events on their way out: written in the transaction of what happened,
//! delivered at least once and, to each destination, in order.

mod relay;

use prost::Message as _;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use yuhui_proto::events::v1::Event;

pub use relay::Relay;

use crate::{Result, clock, db::Tx};

/// Sends `event` to `destination` (a service) if this transaction commits.
///
/// Fills in the id and the county; the relay fills in the source. Events of
/// one tenant keep the order of their transactions if each transaction calls
/// [`crate::audit::record`] first, which holds the head of the tenant's chain.
pub async fn publish(tx: &Tx, destination: &str, mut event: Event) -> Result<()> {
    if event.event_id.is_empty() {
        event.event_id = clock::fresh_id().to_string();
    }
    if event.county.is_empty() {
        event.county = tx.scope().into();
    }
    tx.insert(letter::ActiveModel {
        seq: NotSet,
        tenant: NotSet,
        destination: Set(destination.into()),
        event_id: Set(event.event_id.clone()),
        event: Set(event.encode_to_vec()),
        delivered_ms: Set(None),
    })
    .await?;
    tx.note_published();
    Ok(())
}

/// Numbers and ids of up to `limit` events that `destination` has acknowledged,
/// after a number.
pub(crate) async fn delivered(
    tx: &Tx,
    destination: &str,
    after: i64,
    limit: u64,
) -> Result<Vec<(i64, String)>> {
    let rows = tx
        .find::<letter::Entity>()
        .filter(letter::Column::Destination.eq(destination))
        .filter(letter::Column::DeliveredMs.is_not_null())
        .filter(letter::Column::Seq.gt(after))
        .order_by_asc(letter::Column::Seq)
        .limit(limit)
        .all(tx.connection())
        .await?;
    Ok(rows.into_iter().map(|it| (it.seq, it.event_id)).collect())
}

/// Events that `destination` has not acknowledged, in their order.
pub async fn undelivered(tx: &Tx, destination: &str) -> Result<Vec<Event>> {
    let rows = tx
        .find::<letter::Entity>()
        .filter(letter::Column::Destination.eq(destination))
        .filter(letter::Column::DeliveredMs.is_null())
        .order_by_asc(letter::Column::Seq)
        .all(tx.connection())
        .await?;
    let events = rows.iter().map(|it| Ok(Event::decode(&*it.event)?));
    events.collect()
}

mod letter {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub seq: i64,
        pub tenant: String,
        pub destination: String,
        pub event_id: String,
        pub event: Vec<u8>,
        /// Real time, milliseconds since 1970.
        pub delivered_ms: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl crate::db::TenantEntity for Entity {
        fn tenant_column() -> Column {
            Column::Tenant
        }
    }
}

#[cfg(test)]
mod tests;
