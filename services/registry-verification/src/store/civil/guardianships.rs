//! Guardianships (监护).

use std::collections::BTreeSet;

use sea_orm::{ActiveValue::Set, Condition, entity::prelude::*, sea_query::OnConflict};
use time::Date;
use yuhui_platform::Result;

use crate::{
    domain::{Guardianship, PersonRef},
    store::{Registers, aliases::only, keys},
};

/// A row of `guardianships`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "guardianships")]
pub struct Model {
    /// The child.
    #[sea_orm(primary_key, auto_increment = false)]
    pub child_ref: String,
    /// The guardian.
    #[sea_orm(primary_key, auto_increment = false)]
    pub guardian_ref: String,
    /// First day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub from_on: Date,
    /// Last day.
    pub to_on: Option<Date>,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Guardianship {
    fn from(row: Model) -> Self {
        Self {
            child: PersonRef::trusted(row.child_ref),
            guardian: PersonRef::trusted(row.guardian_ref),
            from_on: row.from_on,
            to_on: row.to_on,
        }
    }
}

impl Registers<'_> {
    /// Every guardianship of the child.
    pub async fn guardianships(&self, child: &PersonRef) -> Result<Vec<Guardianship>> {
        let rows = Entity::find()
            .filter(Column::ChildRef.eq(child.as_str()))
            .all(self.connection)
            .await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Guardianships of and by a later number become those of the oldest.
    pub(in crate::store) async fn move_guardianships(
        &self,
        from: &PersonRef,
        to: &PersonRef,
    ) -> Result<()> {
        let either = Condition::any()
            .add(Column::ChildRef.eq(from.as_str()))
            .add(Column::GuardianRef.eq(from.as_str()));
        let rows = Entity::find()
            .filter(either.clone())
            .all(self.connection)
            .await?;
        Entity::delete_many()
            .filter(either)
            .exec(self.connection)
            .await?;
        let guardianships = rows.into_iter().map(Into::into).collect();
        let renamed = only(from, to).rename_all(guardianships);
        self.put_guardianships(renamed).await
    }

    /// Every guardianship in which any of these persons is the child or the guardian.
    pub async fn guardianships_naming(
        &self,
        persons: &BTreeSet<PersonRef>,
    ) -> Result<Vec<Guardianship>> {
        let either = Condition::any()
            .add(Column::ChildRef.is_in(keys(persons)))
            .add(Column::GuardianRef.is_in(keys(persons)));
        let rows = Entity::find().filter(either).all(self.connection).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Enters guardianships; one of the same child, guardian and first day is replaced.
    pub async fn put_guardianships(&self, guardianships: Vec<Guardianship>) -> Result<()> {
        if guardianships.is_empty() {
            return Ok(());
        }
        let rows = guardianships.into_iter().map(|it| ActiveModel {
            child_ref: Set(it.child.as_str().to_owned()),
            guardian_ref: Set(it.guardian.as_str().to_owned()),
            from_on: Set(it.from_on),
            to_on: Set(it.to_on),
        });
        let replace = OnConflict::columns([Column::ChildRef, Column::GuardianRef, Column::FromOn])
            .update_column(Column::ToOn)
            .to_owned();
        Entity::insert_many(rows)
            .on_conflict(replace)
            .exec_without_returning(self.connection)
            .await?;
        Ok(())
    }
}
