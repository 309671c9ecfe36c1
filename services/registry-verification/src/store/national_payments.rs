//! Payments of the national childcare subsidy (国家育儿补贴).

use sea_orm::{ActiveValue::Set, entity::prelude::*, sea_query::OnConflict};
use time::Date;
use yuhui_kernel::Money;
use yuhui_platform::Result;

use super::{Registers, aliases::only};
use crate::domain::{NationalPayment, PersonRef};

/// A row of `national_payments`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "national_payments")]
pub struct Model {
    /// The child.
    #[sea_orm(primary_key, auto_increment = false)]
    pub child_ref: String,
    /// Day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub paid_on: Date,
    /// Year it is for.
    #[sea_orm(primary_key, auto_increment = false)]
    pub for_year: i32,
    /// Amount, fen.
    pub amount_fen: i64,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Registers<'_> {
    /// Every payment for the child.
    pub async fn national_payments(&self, child: &PersonRef) -> Result<Vec<NationalPayment>> {
        let rows = Entity::find()
            .filter(Column::ChildRef.eq(child.as_str()))
            .all(self.connection)
            .await?;
        let payments = rows.into_iter().map(|row| NationalPayment {
            child: PersonRef::trusted(row.child_ref),
            paid_on: row.paid_on,
            for_year: row.for_year,
            amount: Money::from_fen(row.amount_fen),
        });
        Ok(payments.collect())
    }

    /// Payments under a later number become those of the oldest.
    pub(super) async fn move_national_payments(
        &self,
        from: &PersonRef,
        to: &PersonRef,
    ) -> Result<()> {
        let payments = self.national_payments(from).await?;
        Entity::delete_many()
            .filter(Column::ChildRef.eq(from.as_str()))
            .exec(self.connection)
            .await?;
        let renamed = only(from, to).rename_all(payments);
        self.put_national_payments(renamed).await
    }

    /// Enters payments; one for the same child, day and year is replaced.
    pub async fn put_national_payments(&self, payments: Vec<NationalPayment>) -> Result<()> {
        if payments.is_empty() {
            return Ok(());
        }
        let rows = payments.into_iter().map(|it| ActiveModel {
            child_ref: Set(it.child.as_str().to_owned()),
            paid_on: Set(it.paid_on),
            for_year: Set(it.for_year),
            amount_fen: Set(it.amount.fen()),
        });
        let replace = OnConflict::columns([Column::ChildRef, Column::PaidOn, Column::ForYear])
            .update_column(Column::AmountFen)
            .to_owned();
        Entity::insert_many(rows)
            .on_conflict(replace)
            .exec_without_returning(self.connection)
            .await?;
        Ok(())
    }
}
