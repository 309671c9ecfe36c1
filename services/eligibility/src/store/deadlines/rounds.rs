//! Rounds whose batch has gone out to the bank.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use time::Date;
use yuhui_kernel::dates;
use yuhui_platform::{Result, db::Tx};

use super::entity::released_rounds::{ActiveModel, Column, Entity};

/// Notes the first batch of a round; later ones change nothing.
pub(crate) async fn released(tx: &Tx, round: i32, batch: &str, on: Date) -> Result<()> {
    let row = ActiveModel {
        tenant: Set(tx.tenant()?.as_str().into()),
        round: Set(round.into()),
        batch: Set(batch.into()),
        released_on: Set(dates::format(on)),
    };
    let key = [Column::Tenant, Column::Round];
    Entity::insert(row)
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Whether a batch of the round has gone out.
pub(crate) async fn is_released(tx: &Tx, round: i32) -> Result<bool> {
    let row = tx
        .find::<Entity>()
        .filter(Column::Round.eq(i64::from(round)))
        .one(tx.connection())
        .await?;
    Ok(row.is_some())
}
