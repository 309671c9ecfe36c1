//! Custody and actual care (抚养权、实际照料).

use std::collections::BTreeSet;

use sea_orm::{ActiveValue::Set, FromJsonQueryResult, entity::prelude::*, sea_query::OnConflict};
use serde::{Deserialize, Serialize};
use time::Date;
use yuhui_platform::Result;

use crate::{
    domain::{Custody, PersonRef},
    store::{Registers, aliases::only, keys},
};

/// A row of `custody`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "custody")]
pub struct Model {
    /// The child.
    #[sea_orm(primary_key, auto_increment = false)]
    pub child_ref: String,
    /// First day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub from_on: Date,
    /// Last day.
    pub to_on: Option<Date>,
    /// Who holds custody. Custody is only ever asked for by child, so the
    /// lists need no table of their own.
    #[sea_orm(column_type = "JsonBinary")]
    pub holders: References,
    /// Who actually cares.
    #[sea_orm(column_type = "JsonBinary")]
    pub actual_carers: References,
    /// Basis.
    pub basis: String,
}

/// Blind references of persons.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct References(Vec<String>);

impl From<Vec<PersonRef>> for References {
    fn from(persons: Vec<PersonRef>) -> Self {
        Self(persons.iter().map(|it| it.as_str().to_owned()).collect())
    }
}

impl From<References> for Vec<PersonRef> {
    fn from(References(persons): References) -> Self {
        persons.into_iter().map(PersonRef::trusted).collect()
    }
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Custody {
    fn from(row: Model) -> Self {
        Self {
            child: PersonRef::trusted(row.child_ref),
            from_on: row.from_on,
            to_on: row.to_on,
            holders: row.holders.into(),
            actual_carers: row.actual_carers.into(),
            basis: row.basis,
        }
    }
}

impl Registers<'_> {
    /// Every period of custody of any of these children.
    pub async fn custody(&self, children: &BTreeSet<PersonRef>) -> Result<Vec<Custody>> {
        if children.is_empty() {
            return Ok(Vec::new());
        }
        let rows = Entity::find()
            .filter(Column::ChildRef.is_in(keys(children)))
            .all(self.connection)
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Custody of a later number becomes that of the oldest. Holders and carers are named as they
    /// were entered: who reads them asks who they are.
    pub(in crate::store) async fn move_custody(
        &self,
        from: &PersonRef,
        to: &PersonRef,
    ) -> Result<()> {
        let custody = self.custody(&BTreeSet::from([from.clone()])).await?;
        Entity::delete_many()
            .filter(Column::ChildRef.eq(from.as_str()))
            .exec(self.connection)
            .await?;
        let renamed = only(from, to).rename_all(custody);
        self.put_custody(renamed).await
    }

    /// Enters custody; a period of the same child and first day is replaced.
    pub async fn put_custody(&self, custody: Vec<Custody>) -> Result<()> {
        if custody.is_empty() {
            return Ok(());
        }
        let rows = custody.into_iter().map(|it| ActiveModel {
            child_ref: Set(it.child.as_str().to_owned()),
            from_on: Set(it.from_on),
            to_on: Set(it.to_on),
            holders: Set(it.holders.into()),
            actual_carers: Set(it.actual_carers.into()),
            basis: Set(it.basis),
        });
        let replace = OnConflict::columns([Column::ChildRef, Column::FromOn])
            .update_columns([
                Column::ToOn,
                Column::Holders,
                Column::ActualCarers,
                Column::Basis,
            ])
            .to_owned();
        Entity::insert_many(rows)
            .on_conflict(replace)
            .exec_without_returning(self.connection)
            .await?;
        Ok(())
    }
}
