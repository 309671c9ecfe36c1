//! Proposals of finance.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "proposals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub kind: String,
    pub round: i32,
    pub amount_fen: i64,
    pub document: String,
    pub case_name: Option<String>,
    pub maker: String,
    pub maker_person: Option<String>,
    pub proposed_on: String,
    pub ended: String,
    pub endorser: Option<String>,
    pub endorser_person: Option<String>,
    pub checker: Option<String>,
    pub words: String,
    pub journal: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl yuhui_platform::db::TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}
