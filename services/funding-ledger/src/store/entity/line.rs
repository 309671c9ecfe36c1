//! Lines of sealed rosters: what is paid for which case, to nobody named.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub roster: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_name: String,
    pub round: i32,
    pub programme: String,
    pub amount_fen: i64,
    pub state: String,
    /// Terminated while it was at the bank: not to be sent again.
    pub stop_wanted: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl yuhui_platform::db::TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}
