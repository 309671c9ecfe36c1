//! The last entry of each chain: what new entries are linked to, and the proof
//! that none is missing at the end. It follows by a trigger whatever is added to
//! the chain, in the same statement.

use sea_orm::{
    ActiveValue::Set,
    QueryOrder as _,
    entity::prelude::*,
    sea_query::{Expr, OnConflict},
};

use super::{ACTS, GENESIS};
use crate::{Result, db::Tx};

/// The last entry of a chain.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_head")]
pub struct Model {
    /// Tenant; the city for what belongs to no county.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    /// Which of the tenant's chains.
    #[sea_orm(primary_key, auto_increment = false)]
    pub chain: i16,
    /// Place of the last entry; 0 before the first.
    pub seq: i64,
    /// Hash of the last entry, hex.
    pub hash: String,
}

/// A head stands alone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl crate::db::TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}

/// The head of one of the tenant's chains, made if it is not there, and locked
/// until the transaction ends, which must be soon.
pub(super) async fn lock(tx: &Tx, chain: i16) -> Result<Model> {
    let first = ActiveModel {
        tenant: Set(tx.scope().to_owned()),
        chain: Set(chain),
        seq: Set(0),
        hash: Set(GENESIS.to_owned()),
    };
    // Nothing changes, but the row is written and so locked.
    let as_it_is = OnConflict::columns([Column::Tenant, Column::Chain])
        .value(Column::Seq, Expr::col((Entity, Column::Seq)))
        .to_owned();
    Ok(Entity::insert(first)
        .on_conflict(as_it_is)
        .exec_with_returning(tx.connection())
        .await?)
}

/// The heads of the chains of acts that a transaction sees, by tenant.
pub async fn heads(tx: &Tx) -> Result<Vec<Model>> {
    Ok(tx
        .find::<Entity>()
        .filter(Column::Chain.eq(ACTS))
        .filter(Column::Seq.gt(0))
        .order_by_asc(Column::Tenant)
        .all(tx.connection())
        .await?)
}
