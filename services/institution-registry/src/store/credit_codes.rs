//! The credit codes taken in the whole city, by blind reference: an open
//! table, because a county must learn that a code is taken without learning
//! by whom. It holds nothing else.

use sea_orm::{ActiveValue::Set, entity::prelude::*};
use yuhui_platform::{Result, db::Tx};

use crate::refusal::Refused;

/// A row of `credit_codes_taken`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credit_codes_taken")]
pub struct Model {
    /// Blind reference of the institution.
    #[sea_orm(primary_key, auto_increment = false)]
    pub institution_ref: String,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Takes the code, or refuses if it is taken.
pub async fn take(tx: &Tx, institution_ref: &str) -> Result<()> {
    let taken = Entity::find_by_id(institution_ref)
        .one(tx.connection())
        .await?;
    if taken.is_some() {
        return Err(Refused::CreditCodeTaken.into());
    }
    // Should another county take it at this moment, the race is lost.
    Entity::insert(ActiveModel {
        institution_ref: Set(institution_ref.to_owned()),
    })
    .exec_without_returning(tx.connection())
    .await?;
    Ok(())
}
