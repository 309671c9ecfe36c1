//! Adoptions (收养登记).

use std::collections::BTreeSet;

use sea_orm::{ActiveValue::Set, Condition, entity::prelude::*, sea_query::OnConflict};
use time::Date;
use yuhui_platform::Result;

use crate::{
    domain::{Adoption, PersonRef},
    store::{Registers, aliases::only, keys},
};

/// A row of `adoptions`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "adoptions")]
pub struct Model {
    /// The child.
    #[sea_orm(primary_key, auto_increment = false)]
    pub child_ref: String,
    /// Date.
    #[sea_orm(primary_key, auto_increment = false)]
    pub adopted_on: Date,
    /// The adopter whose reference sorts first.
    pub first_adopter_ref: String,
    /// The other adopter.
    pub second_adopter_ref: Option<String>,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Adoption {
    fn from(row: Model) -> Self {
        let adopters = [Some(row.first_adopter_ref), row.second_adopter_ref];
        Self {
            child: PersonRef::trusted(row.child_ref),
            adopted_on: row.adopted_on,
            adopters: adopters
                .into_iter()
                .flatten()
                .map(PersonRef::trusted)
                .collect(),
        }
    }
}

impl Registers<'_> {
    /// Every adoption of any of these children, or by any of these adopters.
    pub async fn adoptions(
        &self,
        children: &BTreeSet<PersonRef>,
        adopters: &BTreeSet<PersonRef>,
    ) -> Result<Vec<Adoption>> {
        let mut any = Condition::any().add(Column::ChildRef.is_in(keys(children)));
        if !adopters.is_empty() {
            any = any
                .add(Column::FirstAdopterRef.is_in(keys(adopters)))
                .add(Column::SecondAdopterRef.is_in(keys(adopters)));
        }
        let rows = Entity::find().filter(any).all(self.connection).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Adoptions of and by a later number become those of the oldest.
    pub(in crate::store) async fn move_adoptions(
        &self,
        from: &PersonRef,
        to: &PersonRef,
    ) -> Result<()> {
        let own = BTreeSet::from([from.clone()]);
        let adoptions = self.adoptions(&own, &own).await?;
        let any = Condition::any()
            .add(Column::ChildRef.eq(from.as_str()))
            .add(Column::FirstAdopterRef.eq(from.as_str()))
            .add(Column::SecondAdopterRef.eq(from.as_str()));
        Entity::delete_many()
            .filter(any)
            .exec(self.connection)
            .await?;
        let renamed = only(from, to).rename_all(adoptions);
        self.put_adoptions(renamed).await
    }

    /// Enters adoptions; one of the same child and day is replaced.
    pub async fn put_adoptions(&self, adoptions: Vec<Adoption>) -> Result<()> {
        if adoptions.is_empty() {
            return Ok(());
        }
        let rows = adoptions.into_iter().map(|it| {
            let mut adopters = it.adopters.iter().map(|it| it.as_str().to_owned());
            ActiveModel {
                child_ref: Set(it.child.as_str().to_owned()),
                adopted_on: Set(it.adopted_on),
                first_adopter_ref: Set(adopters.next().unwrap_or_default()),
                second_adopter_ref: Set(adopters.next()),
            }
        });
        let replace = OnConflict::columns([Column::ChildRef, Column::AdoptedOn])
            .update_columns([Column::FirstAdopterRef, Column::SecondAdopterRef])
            .to_owned();
        Entity::insert_many(rows)
            .on_conflict(replace)
            .exec_without_returning(self.connection)
            .await?;
        Ok(())
    }
}
