//! Events that do not fit the book yet.
//!
//! Events of different services reach the ledger on different ways, so one may arrive before
//! the one it presupposes; and one county's faulty event must not hold up the others, which
//! share the sender's queue. Such an event is kept here, shown by VerifyBook, and tried again,
//! in order of arrival, whenever something was posted for the county.

use sea_orm::{ColumnTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _};
use yuhui_platform::{Result, db::Tx};

use super::entity::parked::{Column, Entity, Model};

/// Parks an event.
pub async fn insert(
    tx: &Tx,
    event_id: &str,
    sender: &str,
    event: Vec<u8>,
    reason: &str,
) -> Result<()> {
    let last = tx
        .find::<Entity>()
        .order_by_desc(Column::Number)
        .one(tx.connection())
        .await?;
    let row = Model {
        tenant: String::new(),
        number: last.map_or(0, |it| it.number) + 1,
        event_id: event_id.to_owned(),
        sender: sender.to_owned(),
        event,
        reason: reason.to_owned(),
    };
    tx.insert(row.into_active_model()).await?;
    Ok(())
}

/// Parked events, in order of arrival.
pub async fn list(tx: &Tx) -> Result<Vec<Model>> {
    Ok(tx
        .find::<Entity>()
        .order_by_asc(Column::Number)
        .all(tx.connection())
        .await?)
}

/// Forgets a parked event; false if another run has taken it meanwhile.
pub async fn remove(tx: &Tx, number: i64) -> Result<bool> {
    let done = tx
        .delete_where::<Entity>()
        .filter(Column::Number.eq(number))
        .exec(tx.connection())
        .await?;
    Ok(done.rows_affected == 1)
}
