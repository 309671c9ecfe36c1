//! Running totals of each round of a county book.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "rounds")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub round: i32,
    /// Who bears the odd fen, as it was when the round began.
    pub residual_bearer: String,
    pub committed_fen: i64,
    pub unrecorded_fen: i64,
    pub shared_fen: i64,
    pub closed_fen: i64,
    pub received_city_fen: i64,
    pub received_county_fen: i64,
    pub surplus_fen: i64,
    pub releasable_fen: i64,
    pub credited_fen: i64,
    pub demanded_fen: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl yuhui_platform::db::TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}
