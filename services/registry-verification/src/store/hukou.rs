//! Hukou periods (公安户籍).

use std::collections::BTreeSet;

use sea_orm::{
    ActiveValue::Set,
    Condition,
    entity::prelude::*,
    sea_query::{ExprTrait as _, OnConflict, Query, SelectStatement},
};
use time::Date;
use yuhui_kernel::Tenant;
use yuhui_platform::Result;

use super::{Registers, aliases::only, corrupt, keys, persons};
use crate::domain::{Hukou, PersonRef};

/// A row of `hukou`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "hukou")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_ref: String,
    /// First day.
    #[sea_orm(primary_key, auto_increment = false)]
    pub from_on: Date,
    /// Last day.
    pub to_on: Option<Date>,
    /// Division code, 6 to 12 digits.
    pub division: String,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The hukou periods of a person of the query around it in the county on `day`.
pub(super) fn in_county(
    person: (persons::Entity, persons::Column),
    county: Tenant,
    day: Date,
) -> SelectStatement {
    let open = Condition::any()
        .add(Column::ToOn.is_null())
        .add(Column::ToOn.gte(day));
    Query::select()
        .expr(Expr::value(1))
        .from(Entity)
        .and_where(Expr::col((Entity, Column::PersonRef)).equals(person))
        .and_where(Column::Division.starts_with(county.as_str()))
        .and_where(Column::FromOn.lte(day))
        .cond_where(open)
        .to_owned()
}

impl Registers<'_> {
    /// Every hukou period of these persons.
    pub async fn hukou(&self, persons: &BTreeSet<PersonRef>) -> Result<Vec<Hukou>> {
        if persons.is_empty() {
            return Ok(Vec::new());
        }
        let rows = Entity::find()
            .filter(Column::PersonRef.is_in(keys(persons)))
            .all(self.connection)
            .await?;
        let read = |row: Model| {
            Ok(Hukou {
                person: PersonRef::trusted(row.person_ref),
                from_on: row.from_on,
                to_on: row.to_on,
                division: row.division.parse().map_err(|_| corrupt("hukou"))?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// Periods under a later number become those of the oldest; of two with the same first day the
    /// later number's stands.
    pub(super) async fn move_hukou(&self, from: &PersonRef, to: &PersonRef) -> Result<()> {
        let periods = self.hukou(&BTreeSet::from([from.clone()])).await?;
        Entity::delete_many()
            .filter(Column::PersonRef.eq(from.as_str()))
            .exec(self.connection)
            .await?;
        let renamed = periods.into_iter().map(|it| only(from, to).rename(it));
        self.put_hukou(renamed).await
    }

    /// Enters periods; one with the same person and first day is replaced.
    pub async fn put_hukou(&self, periods: impl IntoIterator<Item = Hukou>) -> Result<()> {
        let mut rows = periods
            .into_iter()
            .map(|it| ActiveModel {
                person_ref: Set(it.person.as_str().to_owned()),
                from_on: Set(it.from_on),
                to_on: Set(it.to_on),
                division: Set(it.division.to_string()),
            })
            .peekable();
        if rows.peek().is_none() {
            return Ok(());
        }
        let replace = OnConflict::columns([Column::PersonRef, Column::FromOn])
            .update_columns([Column::ToOn, Column::Division])
            .to_owned();
        Entity::insert_many(rows)
            .on_conflict(replace)
            .exec_without_returning(self.connection)
            .await?;
        Ok(())
    }
}
