//! Rows as SeaORM sees them.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_list")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: String,
    pub(crate) state: String,
    pub(crate) programme: String,
    pub(crate) round: i64,
    pub(crate) unit: String,
    pub(crate) claimant_ref: String,
    pub(crate) subject_ref: String,
    pub(crate) name_ref: String,
    pub(crate) receipt_number: String,
    pub(crate) decision: String,
    pub(crate) reason: String,
    pub(crate) proposal: String,
    pub(crate) flags: i64,
    pub(crate) rank_on: String,
    pub(crate) changed_at: i64,
    pub(crate) lodged_on: String,
    pub(crate) decided_on: String,
}

impl ActiveModelBehavior for ActiveModel {}

impl yuhui_platform::db::TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}
