//! Payment orders.

use sea_orm::{
    ActiveValue::{NotSet, Set},
    Condition, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _},
};
use yuhui_kernel::Money;
use yuhui_platform::{
    Error, Result,
    db::{TenantEntity, Tx},
    paging::Page,
};

use super::{all_hit, json, lines, unjson, unknown};
use crate::domain::order::{Hands, Order, OrderState};

/// A payment order.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "payment_orders")]
pub struct Model {
    /// County.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    /// Id, ascending in time.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Round.
    pub round: i32,
    /// Over lines with a corrected account; else over first payments.
    pub corrected: bool,
    /// State.
    pub state: String,
    /// Lines.
    pub line_count: i32,
    /// Sum in fen.
    pub total_fen: i64,
    /// Who acted.
    pub hands: Json,
    /// Batch made by the release.
    pub batch_id: Option<Uuid>,
    /// Resource name of the operation at work on it; empty if none is.
    pub operation: String,
    /// Why it was declined or withdrawn.
    pub words: String,
    /// Counts changes: a change of an older version loses the race.
    pub version: i32,
}

/// No relations: orders are found by their columns.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}

impl Model {
    /// State and hands.
    pub fn order(&self) -> Result<Order> {
        let state = OrderState::named(&self.state);
        Ok(Order {
            state: state.ok_or_else(|| unknown("order state", &self.state))?,
            hands: self.hands()?,
        })
    }

    /// What it is of, in one word: any change of its state, its hands or its lines changes it.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("{}-{}-{}", self.version, self.line_count, self.total_fen)
    }

    /// Who acted.
    pub fn hands(&self) -> Result<Hands> {
        unjson(&self.hands)
    }
}

/// Keeps a new order without a line.
pub async fn insert(
    tx: &Tx,
    id: Uuid,
    (round, corrected): (i32, bool),
    order: &Order,
    operation: &str,
) -> Result<Model> {
    tx.insert(ActiveModel {
        tenant: NotSet,
        id: Set(id),
        round: Set(round),
        corrected: Set(corrected),
        state: Set(order.state.as_str().into()),
        line_count: Set(0),
        total_fen: Set(0),
        hands: Set(json(&order.hands)?),
        batch_id: Set(None),
        operation: Set(operation.into()),
        words: Set(String::new()),
        version: Set(1),
    })
    .await
}

/// The order, if the county has it.
pub async fn get(tx: &Tx, id: Uuid) -> Result<Option<Model>> {
    let rows = tx.find::<Entity>().filter(Column::Id.eq(id));
    Ok(rows.one(tx.connection()).await?)
}

/// A page of orders.
pub async fn page(tx: &Tx, page: &Page) -> Result<Vec<Model>> {
    let after = page.key(|it| it.parse::<Uuid>().ok())?;
    let rows = tx
        .find::<Entity>()
        .filter(Condition::all().add_option(after.map(|it| Column::Id.gt(it))))
        .order_by_asc(Column::Id)
        .limit(page.limit());
    Ok(rows.all(tx.connection()).await?)
}

/// Keeps what became of `row`, but for its lines; a lost race if somebody else changed it.
pub async fn advance(
    tx: &Tx,
    row: &Model,
    order: &Order,
    operation: &str,
    (batch, words): (Option<Uuid>, &str),
) -> Result<Model> {
    let next = Model {
        state: order.state.as_str().into(),
        hands: json(&order.hands)?,
        batch_id: batch,
        operation: operation.into(),
        words: words.into(),
        version: row.version + 1,
        ..row.clone()
    };
    let done = tx
        .update_where::<Entity>()
        .col_expr(Column::State, Expr::value(next.state.as_str()))
        .col_expr(Column::Hands, Expr::value(next.hands.clone()))
        .col_expr(Column::BatchId, Expr::value(next.batch_id))
        .col_expr(Column::Operation, Expr::value(next.operation.as_str()))
        .col_expr(Column::Words, Expr::value(next.words.as_str()))
        .col_expr(Column::Version, Expr::value(next.version))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Version.eq(row.version))
        .exec(tx.connection())
        .await?;
    all_hit(&done, 1)?;
    Ok(next)
}

/// Lines have come into the order.
pub async fn grow(tx: &Tx, id: Uuid, lines: &[lines::Model]) -> Result<()> {
    let (count, fen) = content(lines)?;
    resize(tx, id, count, fen).await
}

/// Lines have left the order.
pub async fn shrink(tx: &Tx, id: Uuid, lines: &[lines::Model]) -> Result<()> {
    let (count, fen) = content(lines)?;
    resize(tx, id, -count, -fen).await
}

/// Number and sum in fen.
fn content(lines: &[lines::Model]) -> Result<(i32, i64)> {
    let count = i32::try_from(lines.len()).ok();
    let total = Money::total(lines.iter().map(lines::Model::amount));
    let content = count.zip(total.map(Money::fen));
    content.ok_or_else(|| Error::fault("lines that cannot be counted"))
}

/// Counts from what is kept: whoever else counts at the same time is counted too.
async fn resize(tx: &Tx, id: Uuid, lines: i32, fen: i64) -> Result<()> {
    let done = tx
        .update_where::<Entity>()
        .col_expr(Column::LineCount, Expr::col(Column::LineCount).add(lines))
        .col_expr(Column::TotalFen, Expr::col(Column::TotalFen).add(fen))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await?;
    all_hit(&done, 1)
}
