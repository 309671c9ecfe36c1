//! Marriages (婚姻登记).

use std::collections::BTreeSet;

use sea_orm::{ActiveValue::Set, Condition, entity::prelude::*, sea_query::OnConflict};
use time::Date;
use yuhui_platform::Result;

use crate::{
    domain::{Ending, Marriage, PersonRef},
    store::{Registers, aliases::only, corrupt, keys},
};

/// A row of `marriages`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "marriages")]
pub struct Model {
    /// The spouse whose reference sorts first.
    #[sea_orm(primary_key, auto_increment = false)]
    pub first_ref: String,
    /// The other spouse.
    #[sea_orm(primary_key, auto_increment = false)]
    pub second_ref: String,
    /// Registration date.
    #[sea_orm(primary_key, auto_increment = false)]
    pub from_on: Date,
    /// End.
    pub to_on: Option<Date>,
    /// `DIVORCE` or `DEATH`, with an end.
    pub ended_by: Option<String>,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    fn into_domain(self) -> Result<Marriage> {
        let ended = match (self.to_on, self.ended_by) {
            (None, None) => None,
            (Some(on), Some(by)) => {
                Some((on, Ending::parse(&by).ok_or_else(|| corrupt("marriages"))?))
            }
            _ => return Err(corrupt("marriages")),
        };
        Ok(Marriage {
            spouses: [self.first_ref, self.second_ref].map(PersonRef::trusted),
            from_on: self.from_on,
            ended,
        })
    }
}

impl Registers<'_> {
    /// Every marriage of any of these persons.
    pub async fn marriages(&self, persons: &BTreeSet<PersonRef>) -> Result<Vec<Marriage>> {
        if persons.is_empty() {
            return Ok(Vec::new());
        }
        let either = Condition::any()
            .add(Column::FirstRef.is_in(keys(persons)))
            .add(Column::SecondRef.is_in(keys(persons)));
        let rows = Entity::find().filter(either).all(self.connection).await?;
        rows.into_iter().map(Model::into_domain).collect()
    }

    /// Marriages under a later number become those of the oldest.
    pub(in crate::store) async fn move_marriages(
        &self,
        from: &PersonRef,
        to: &PersonRef,
    ) -> Result<()> {
        let marriages = self.marriages(&BTreeSet::from([from.clone()])).await?;
        let either = Condition::any()
            .add(Column::FirstRef.eq(from.as_str()))
            .add(Column::SecondRef.eq(from.as_str()));
        Entity::delete_many()
            .filter(either)
            .exec(self.connection)
            .await?;
        let renamed = only(from, to).rename_all(marriages);
        self.put_marriages(renamed).await
    }

    /// Enters marriages; one with the same spouses and first day is replaced.
    pub async fn put_marriages(&self, marriages: Vec<Marriage>) -> Result<()> {
        if marriages.is_empty() {
            return Ok(());
        }
        let rows = marriages.into_iter().map(|it| {
            let [first, second] = it.spouses;
            ActiveModel {
                first_ref: Set(first.as_str().to_owned()),
                second_ref: Set(second.as_str().to_owned()),
                from_on: Set(it.from_on),
                to_on: Set(it.ended.map(|(on, _)| on)),
                ended_by: Set(it.ended.map(|(_, by)| by.as_str().to_owned())),
            }
        });
        let replace = OnConflict::columns([Column::FirstRef, Column::SecondRef, Column::FromOn])
            .update_columns([Column::ToOn, Column::EndedBy])
            .to_owned();
        Entity::insert_many(rows)
            .on_conflict(replace)
            .exec_without_returning(self.connection)
            .await?;
        Ok(())
    }
}
