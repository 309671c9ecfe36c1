//! Recoveries by case.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recoveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_name: String,
    pub round: i32,
    pub demanded_fen: i64,
    pub recovered_fen: i64,
    pub written_off_fen: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl yuhui_platform::db::TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}
