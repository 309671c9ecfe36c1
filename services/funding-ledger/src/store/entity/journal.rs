//! Journals of all books, append-only.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "journals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    /// Place in the book, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i64,
    pub county: String,
    pub round: i32,
    pub event: String,
    pub programme: Option<String>,
    pub amount_fen: i64,
    /// City book: sequence number in the book of `county`.
    pub mirrors: Option<i64>,
    pub posted_on: String,
    pub source: String,
    pub actor: String,
    pub origin: String,
    pub previous_hash: String,
    pub hash: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl yuhui_platform::db::TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}
