//! Events that do not fit the book yet.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "parked_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    /// Order of arrival.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub event_id: String,
    pub sender: String,
    pub event: Vec<u8>,
    pub reason: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl yuhui_platform::db::TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}
