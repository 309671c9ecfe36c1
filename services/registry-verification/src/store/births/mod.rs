//! Deliveries and the children born of them (妇幼保健).

mod child;
mod delivery;

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{
    ActiveValue::Set,
    Condition,
    entity::prelude::*,
    sea_query::{Expr, OnConflict, Query},
};
use time::Date;
use yuhui_platform::Result;

use super::{Registers, keys};
use crate::domain::{BornChild, Delivery, PersonRef};

impl Registers<'_> {
    /// Mothers and fathers of these children, if they are born by `day`.
    pub async fn parents_of(
        &self,
        children: &BTreeSet<PersonRef>,
        day: Date,
    ) -> Result<BTreeSet<PersonRef>> {
        let bears = Query::select()
            .column(child::Column::Delivery)
            .from(child::Entity)
            .and_where(child::Column::ChildRef.is_in(keys(children)))
            .and_where(child::Column::BornOn.lte(day))
            .to_owned();
        let deliveries = delivery::Entity::find()
            .filter(delivery::Column::Number.in_subquery(bears))
            .all(self.connection)
            .await?;
        let parents = deliveries.into_iter();
        let parents = parents.flat_map(|it| [Some(it.mother_ref), it.father_ref]);
        Ok(parents.flatten().map(PersonRef::trusted).collect())
    }

    /// Every delivery of which any of these persons is mother or father.
    pub async fn deliveries_by(&self, parents: &BTreeSet<PersonRef>) -> Result<Vec<Delivery>> {
        if parents.is_empty() {
            return Ok(Vec::new());
        }
        let either = Condition::any()
            .add(delivery::Column::MotherRef.is_in(keys(parents)))
            .add(delivery::Column::FatherRef.is_in(keys(parents)));
        self.deliveries(either).await
    }

    /// The deliveries of these numbers.
    pub async fn deliveries_numbered<'a>(
        &self,
        numbers: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<Delivery>> {
        let chosen = delivery::Column::Number.is_in(numbers);
        self.deliveries(Condition::all().add(chosen)).await
    }

    async fn deliveries(&self, chosen: Condition) -> Result<Vec<Delivery>> {
        let rows = delivery::Entity::find()
            .filter(chosen)
            .all(self.connection)
            .await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let numbers = rows.iter().map(|row| row.number.as_str());
        let born = child::Entity::find()
            .filter(child::Column::Delivery.is_in(numbers))
            .all(self.connection)
            .await?;
        let mut children: BTreeMap<String, Vec<BornChild>> = BTreeMap::new();
        for row in born {
            let (number, child) = row.into_domain();
            children.entry(number).or_default().push(child);
        }
        let read = |row: delivery::Model| {
            let mut born = children.remove(&row.number).unwrap_or_default();
            born.sort();
            row.into_domain(born)
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// Of which delivery, and when, each of these children was born.
    pub async fn born(
        &self,
        children: &BTreeSet<PersonRef>,
    ) -> Result<BTreeMap<PersonRef, (String, Date)>> {
        if children.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = child::Entity::find()
            .filter(child::Column::ChildRef.is_in(keys(children)))
            .all(self.connection)
            .await?;
        let read = |row: child::Model| {
            let child = PersonRef::trusted(row.child_ref?);
            Some((child, (row.delivery, row.born_on)))
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }

    /// Whom a later number named is named by the oldest one.
    pub(super) async fn move_births(&self, from: &PersonRef, to: &PersonRef) -> Result<()> {
        for parent in [delivery::Column::MotherRef, delivery::Column::FatherRef] {
            delivery::Entity::update_many()
                .col_expr(parent, Expr::value(to.as_str()))
                .filter(parent.eq(from.as_str()))
                .exec(self.connection)
                .await?;
        }
        child::Entity::update_many()
            .col_expr(child::Column::ChildRef, Expr::value(to.as_str()))
            .filter(child::Column::ChildRef.eq(from.as_str()))
            .exec(self.connection)
            .await?;
        Ok(())
    }

    /// Enters deliveries; one of the same number is replaced with its children.
    pub async fn put_deliveries(&self, deliveries: Vec<Delivery>) -> Result<()> {
        if deliveries.is_empty() {
            return Ok(());
        }
        let numbers = deliveries.iter().map(|it| it.number.as_str());
        child::Entity::delete_many()
            .filter(child::Column::Delivery.is_in(numbers))
            .exec(self.connection)
            .await?;
        let mut rows = Vec::with_capacity(deliveries.len());
        let mut children = Vec::new();
        for delivery in deliveries {
            children.extend(delivery.children.into_iter().map(|it| child::ActiveModel {
                delivery: Set(delivery.number.clone()),
                birth_order: Set(it.order),
                child_ref: Set(it.child.map(|it| it.as_str().to_owned())),
                born_on: Set(it.born_on),
                live: Set(it.live),
            }));
            rows.push(delivery::ActiveModel {
                number: Set(delivery.number),
                mother_ref: Set(delivery.mother.as_str().to_owned()),
                father_ref: Set(delivery.father.map(|it| it.as_str().to_owned())),
                birth_service_registered_on: Set(delivery.birth_service_registered_on),
            });
        }
        let replace = OnConflict::column(delivery::Column::Number)
            .update_columns([
                delivery::Column::MotherRef,
                delivery::Column::FatherRef,
                delivery::Column::BirthServiceRegisteredOn,
            ])
            .to_owned();
        delivery::Entity::insert_many(rows)
            .on_conflict(replace)
            .exec_without_returning(self.connection)
            .await?;
        child::Entity::insert_many(children)
            .exec_without_returning(self.connection)
            .await?;
        Ok(())
    }
}
