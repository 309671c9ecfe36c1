//! Persons and deaths (公安).

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ActiveValue::Set, QuerySelect, entity::prelude::*, sea_query::OnConflict};
use time::Date;
use yuhui_kernel::{Sex, Tenant};
use yuhui_platform::{
    Result,
    vault::{self, Sealed},
};

use super::{Registers, corrupt, keys};
use crate::domain::{Person, PersonRef};

/// Identity number of a person.
pub const NUMBER: Sealed = sealed("sealed_number");

/// Name of a person.
pub const NAME: Sealed = sealed("sealed_name");

const fn sealed(column: &'static str) -> Sealed {
    Sealed {
        table: "persons",
        column,
        tenant: "keeper",
        row: vault::Row::Text("person_ref"),
    }
}

/// A row of `persons`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "persons")]
pub struct Model {
    /// Blind reference.
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_ref: String,
    /// County that brought the record up to date last; its key seals it.
    pub keeper: String,
    /// Sealed identity number.
    pub sealed_number: Vec<u8>,
    /// Sealed name.
    pub sealed_name: Vec<u8>,
    /// `F` or `M`.
    pub sex: String,
    /// Birth date.
    pub born_on: Date,
    /// Date of death.
    pub died_on: Option<Date>,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A person with what only the register may know.
#[derive(Clone, Debug)]
pub struct SealedPerson {
    /// The facts.
    pub person: Person,
    /// Sealed identity number.
    pub number: Vec<u8>,
    /// Sealed name.
    pub name: Vec<u8>,
}

/// The facts without the sealed parts, which answers never need.
#[derive(DerivePartialModel)]
#[sea_orm(entity = "Entity")]
struct Row {
    person_ref: String,
    sex: String,
    born_on: Date,
    died_on: Option<Date>,
}

impl Row {
    fn into_domain(self) -> Result<Person> {
        Ok(Person {
            person: PersonRef::trusted(self.person_ref),
            sex: match self.sex.as_str() {
                "F" => Sex::Female,
                "M" => Sex::Male,
                _ => return Err(corrupt("persons")),
            },
            born_on: self.born_on,
            died_on: self.died_on,
        })
    }
}

impl Registers<'_> {
    /// The persons of these references that public security knows.
    pub async fn persons(&self, persons: &BTreeSet<PersonRef>) -> Result<Vec<Person>> {
        if persons.is_empty() {
            return Ok(Vec::new());
        }
        let rows = Entity::find()
            .filter(Column::PersonRef.is_in(keys(persons)))
            .into_partial_model::<Row>()
            .all(self.connection)
            .await?;
        rows.into_iter().map(Row::into_domain).collect()
    }

    /// Birth dates of the persons that public security knows.
    pub async fn birth_dates(
        &self,
        persons: &BTreeSet<PersonRef>,
    ) -> Result<BTreeMap<PersonRef, Date>> {
        if persons.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows: Vec<(String, Date)> = Entity::find()
            .select_only()
            .columns([Column::PersonRef, Column::BornOn])
            .filter(Column::PersonRef.is_in(keys(persons)))
            .into_tuple()
            .all(self.connection)
            .await?;
        let dated = rows.into_iter();
        Ok(dated
            .map(|(key, on)| (PersonRef::trusted(key), on))
            .collect())
    }

    /// The record of a later number becomes that of the oldest, and replaces it; a death that only
    /// the oldest one tells is kept.
    pub(super) async fn move_persons(&self, from: &PersonRef, to: &PersonRef) -> Result<()> {
        let find = |person: &PersonRef| Entity::find_by_id(person.as_str());
        let Some(later) = find(from).one(self.connection).await? else {
            return Ok(());
        };
        let oldest = find(to).one(self.connection).await?;
        let both = keys([from, to]);
        Entity::delete_many()
            .filter(Column::PersonRef.is_in(both))
            .exec(self.connection)
            .await?;
        let row = ActiveModel {
            person_ref: Set(to.as_str().to_owned()),
            died_on: Set(later.died_on.or(oldest.and_then(|it| it.died_on))),
            ..later.into()
        };
        Entity::insert(row)
            .exec_without_returning(self.connection)
            .await?;
        Ok(())
    }

    /// Sealed names of the persons that public security knows, with the county that sealed each.
    pub async fn sealed_names(
        &self,
        persons: &BTreeSet<PersonRef>,
    ) -> Result<BTreeMap<PersonRef, (Tenant, Vec<u8>)>> {
        if persons.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows: Vec<(String, String, Vec<u8>)> = Entity::find()
            .select_only()
            .columns([Column::PersonRef, Column::Keeper, Column::SealedName])
            .filter(Column::PersonRef.is_in(keys(persons)))
            .into_tuple()
            .all(self.connection)
            .await?;
        let read = |(person, keeper, name): (String, String, _)| {
            let keeper = Tenant::parse(&keeper).map_err(|_| corrupt("persons"))?;
            Ok((PersonRef::trusted(person), (keeper, name)))
        };
        rows.into_iter().map(read).collect()
    }

    /// Enters persons or brings them up to date, sealed by `keeper`.
    pub async fn put_persons(&self, keeper: Tenant, persons: Vec<SealedPerson>) -> Result<()> {
        if persons.is_empty() {
            return Ok(());
        }
        let rows = persons.into_iter().map(|it| ActiveModel {
            person_ref: Set(it.person.person.as_str().to_owned()),
            keeper: Set(keeper.to_string()),
            sealed_number: Set(it.number),
            sealed_name: Set(it.name),
            sex: Set(match it.person.sex {
                Sex::Female => "F".into(),
                Sex::Male => "M".into(),
            }),
            born_on: Set(it.person.born_on),
            died_on: Set(it.person.died_on),
        });
        let replace = OnConflict::column(Column::PersonRef)
            .update_columns([
                Column::Keeper,
                Column::SealedNumber,
                Column::SealedName,
                Column::Sex,
                Column::BornOn,
                Column::DiedOn,
            ])
            .to_owned();
        Entity::insert_many(rows)
            .on_conflict(replace)
            .exec_without_returning(self.connection)
            .await?;
        Ok(())
    }
}
