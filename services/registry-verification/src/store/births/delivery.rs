//! The table of deliveries.

use sea_orm::entity::prelude::*;
use time::Date;

use crate::domain::{BornChild, Delivery, PersonRef};

/// A row of `deliveries`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub struct Model {
    /// Number in the register.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: String,
    /// Mother.
    pub mother_ref: String,
    /// Father.
    pub father_ref: Option<String>,
    /// Birth-service registration.
    pub birth_service_registered_on: Option<Date>,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The delivery with its children.
    pub fn into_domain(self, children: Vec<BornChild>) -> Delivery {
        Delivery {
            number: self.number,
            mother: PersonRef::trusted(self.mother_ref),
            father: self.father_ref.map(PersonRef::trusted),
            birth_service_registered_on: self.birth_service_registered_on,
            children,
        }
    }
}
