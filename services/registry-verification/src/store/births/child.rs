//! The table of children born.

use sea_orm::entity::prelude::*;
use time::Date;

use crate::domain::{BornChild, PersonRef};

/// A row of `born_children`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "born_children")]
pub struct Model {
    /// Number of the delivery.
    #[sea_orm(primary_key, auto_increment = false)]
    pub delivery: String,
    /// Order inside the delivery, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub birth_order: i32,
    /// The child; nobody is born twice.
    pub child_ref: Option<String>,
    /// Birth date.
    pub born_on: Date,
    /// False for a stillbirth.
    pub live: bool,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The child and the number of its delivery.
    pub fn into_domain(self) -> (String, BornChild) {
        let child = BornChild {
            order: self.birth_order,
            child: self.child_ref.map(PersonRef::trusted),
            born_on: self.born_on,
            live: self.live,
        };
        (self.delivery, child)
    }
}
