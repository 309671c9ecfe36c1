//! Batches released to the bank.

use sea_orm::{
    ActiveValue::{NotSet, Set},
    Condition, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::Expr,
};
use time::Date;
use yuhui_kernel::Money;
use yuhui_platform::{
    Error, Result,
    db::{TenantEntity, Tx},
    paging::Page,
};

use super::{all_hit, orders};
use crate::domain::{batch::Seal, order::Hands};

/// A batch.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "batches")]
pub struct Model {
    /// County.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    /// Id, ascending in time of release.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Order it was made from.
    pub order_id: Uuid,
    /// Round.
    pub round: i32,
    /// Lines.
    pub line_count: i32,
    /// Sum in fen.
    pub total_fen: i64,
    /// SHA-256 over the lines, hex.
    pub hash: String,
    /// Day of release.
    pub released_on: Date,
    /// The bank said that it has it.
    pub acknowledged: bool,
    /// Lines without a result.
    pub open_count: i32,
    /// Counts changes: a change of an older version loses the race.
    pub version: i32,
}

/// No relations: batches are found by their columns.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}

impl Model {
    /// What the bank must have received.
    #[must_use]
    pub fn seal(&self) -> Seal {
        Seal {
            line_count: self.line_count,
            total: Money::from_fen(self.total_fen),
            hash: self.hash.clone(),
        }
    }
}

/// Keeps the batch made from `order`.
pub async fn insert(
    tx: &Tx,
    id: Uuid,
    order: &orders::Model,
    seal: &Seal,
    released_on: Date,
) -> Result<Model> {
    tx.insert(ActiveModel {
        tenant: NotSet,
        id: Set(id),
        order_id: Set(order.id),
        round: Set(order.round),
        line_count: Set(seal.line_count),
        total_fen: Set(seal.total.fen()),
        hash: Set(seal.hash.clone()),
        released_on: Set(released_on),
        acknowledged: Set(false),
        open_count: Set(seal.line_count),
        version: Set(1),
    })
    .await
}

/// The batch, if the county has it.
pub async fn get(tx: &Tx, id: Uuid) -> Result<Option<Model>> {
    let rows = tx.find::<Entity>().filter(Column::Id.eq(id));
    Ok(rows.one(tx.connection()).await?)
}

/// Through whose hands the order went that a batch was made from.
pub async fn ordered_by(tx: &Tx, batch: &Model) -> Result<Hands> {
    let order = orders::get(tx, batch.order_id).await?;
    let order = order.ok_or_else(|| Error::fault("a batch without its order"))?;
    order.hands()
}

/// A page of batches, oldest first.
pub async fn page(tx: &Tx, open_only: bool, page: &Page) -> Result<Vec<Model>> {
    let after = page.key(|it| it.parse::<Uuid>().ok())?;
    let rows = tx
        .find::<Entity>()
        .filter(
            Condition::all()
                .add_option(after.map(|it| Column::Id.gt(it)))
                .add_option(open_only.then(|| Column::OpenCount.gt(0))),
        )
        .order_by_asc(Column::Id)
        .limit(page.limit());
    Ok(rows.all(tx.connection()).await?)
}

/// Keeps that the bank has the batch, and how many lines are open; a lost race
/// if somebody else changed it.
pub async fn advance(tx: &Tx, row: &Model, open_count: i32) -> Result<Model> {
    let next = Model {
        acknowledged: true,
        open_count,
        version: row.version + 1,
        ..row.clone()
    };
    let done = tx
        .update_where::<Entity>()
        .col_expr(Column::Acknowledged, Expr::value(next.acknowledged))
        .col_expr(Column::OpenCount, Expr::value(next.open_count))
        .col_expr(Column::Version, Expr::value(next.version))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Version.eq(row.version))
        .exec(tx.connection())
        .await?;
    all_hit(&done, 1)?;
    Ok(next)
}
