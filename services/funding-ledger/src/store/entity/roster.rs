//! Sealed rosters.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rosters")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub roster: String,
    pub round: i32,
    pub programme: String,
    pub total_fen: i64,
    pub hash: String,
    /// `SEALED`, `RECORDED`, `FUNDED`.
    pub state: String,
    pub record_number: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl yuhui_platform::db::TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}
