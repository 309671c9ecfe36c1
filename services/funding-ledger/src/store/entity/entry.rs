//! Entries of journals, append-only.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    /// Place in the journal, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    pub account: i32,
    pub debit_fen: i64,
    pub credit_fen: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl yuhui_platform::db::TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}
