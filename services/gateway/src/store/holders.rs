//! One row per person who holds accounts. Touching it makes two accounts for
//! the same person come into being one after the other, so that neither
//! escapes the check against the other.

use sea_orm::{ActiveValue::Set, ExprTrait as _, entity::prelude::*, sea_query::OnConflict};
use yuhui_platform::{Result, db::Tx};

/// A person who holds accounts.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "holders")]
pub struct Model {
    /// Blind index of the citizen number or credit code.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person: String,
    /// Accounts ever made.
    pub accounts: i64,
}

/// A holder stands alone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Waits for other makers of accounts of `person`, and keeps them waiting
/// until the transaction ends.
pub async fn take_turn(tx: &Tx, person: &str) -> Result<()> {
    let one_more = Expr::col((Entity, Column::Accounts)).add(1);
    let again = OnConflict::column(Column::Person)
        .value(Column::Accounts, one_more)
        .to_owned();
    Entity::insert(ActiveModel {
        person: Set(person.into()),
        accounts: Set(1),
    })
    .on_conflict(again)
    .exec_without_returning(tx.connection())
    .await?;
    Ok(())
}
