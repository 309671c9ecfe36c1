//! Events that are kept and not applied, for `yuhui events`.

use sea_orm::{ColumnTrait as _, QueryFilter as _, QueryOrder as _};

use super::{
    order,
    rows::{self, Letter},
};
use crate::{
    Result,
    clock::real_millis,
    db::{Database, Tenancy, Tx},
    refusal::{Common, not_found, same_hand},
};

pub use super::rows::Model as Kept;

/// Events that are kept, of every tenant, the oldest first.
pub async fn parked(db: &Database) -> Result<Vec<Kept>> {
    kept(&db.read(Tenancy::All).await?).await
}

/// Events that are kept, of the tenant `tx` is bound to, the oldest first.
pub async fn kept(tx: &Tx) -> Result<Vec<Kept>> {
    Ok(tx
        .find::<rows::Entity>()
        .filter(rows::Column::State.is_in(rows::WAITING))
        .order_by_asc(rows::Column::Received)
        .order_by_asc(rows::Column::EventId)
        .all(tx.connection())
        .await?)
}

/// Has an event tried again at once, by whatever process attends the inbox. One
/// that came after a gap is taken as the next if it `skips` what never came.
pub async fn retry(tx: &Tx, event: &Kept, skips: bool) -> Result<()> {
    let mut row = find(tx, event).await?;
    if skips && row.reason == order::Why::Gap.as_str() {
        let letter = Letter::from(&row);
        rows::set_object(tx, &letter, row.revision - 1, "").await?;
    }
    row.due = 0;
    rows::update(tx, row).await
}

/// Proposes to give an event up: `by` is a person's login. To be recorded in
/// the same transaction.
pub async fn propose_drop(tx: &Tx, event: &Kept, by: &str, why: &str) -> Result<()> {
    let mut row = find(tx, event).await?;
    row.drop_by = by.into();
    row.drop_why = why.into();
    rows::update(tx, row).await
}

/// Gives an event up that somebody else proposed to; answers why. To be recorded
/// in the same transaction.
pub async fn approve_drop(tx: &Tx, event: &Kept, by: &str) -> Result<String> {
    let mut row = find(tx, event).await?;
    if row.drop_by.is_empty() {
        return Err(not_found(format!("events/{}/drop", event.event_id)).into());
    }
    if row.drop_by == by {
        let (zh, en) = ("提出人不得批准", "who proposes it does not approve it");
        return Err(same_hand(zh, en).into());
    }
    let (letter, why) = (Letter::from(&row), row.drop_why.clone());
    row.state = rows::DROPPED.into();
    row.body = Vec::new();
    row.settled = real_millis();
    rows::update(tx, row).await?;
    order::advance(tx, &letter).await?;
    Ok(why)
}

async fn find(tx: &Tx, event: &Kept) -> Result<Kept> {
    tx.lock(&format!("inbox/{}", tx.scope())).await?;
    let row = rows::get(tx, &Letter::from(event)).await?;
    let row = row.filter(|it| rows::WAITING.contains(&it.state.as_str()));
    Ok(row.ok_or_else(|| Common::NotFound(format!("events/{}", event.event_id)))?)
}
