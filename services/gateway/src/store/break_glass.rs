//! Emergency accesses (DYN-8). Times are real time: four hours are four hours.

use sea_orm::{
    Condition, ExprTrait as _, IntoActiveModel as _, QueryOrder as _, QuerySelect as _,
    entity::prelude::*,
};
use yuhui_platform::{Result, db::Tx, refusal::aborted};

use crate::domain::break_glass::State;

/// One emergency access.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "break_glass")]
pub struct Model {
    /// UUID.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// County that may be read.
    pub county: String,
    /// Account that opened it.
    pub opened_by: String,
    /// Why.
    pub reason: String,
    /// When it was opened.
    pub opened_us: i64,
    /// When it ends, or was closed.
    pub ends_us: i64,
    /// Calls made under it.
    pub calls: i64,
    /// Account that closed it; empty if none did.
    pub closed_by: String,
    /// Name of what its review found; empty before.
    pub verdict: String,
    /// In words.
    pub words: String,
    /// Account that reviewed it; empty before.
    pub reviewed_by: String,
}

/// An emergency access stands alone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Resource name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("counties/{}/breakGlass/{}", self.county, self.id)
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self, now_us: i64) -> State {
        State::of(self.ends_us, !self.reviewed_by.is_empty(), now_us)
    }
}

/// Adds an emergency access.
pub async fn insert(tx: &Tx, access: Model) -> Result<()> {
    Entity::insert(access.into_active_model().reset_all())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// The emergency access with an id.
pub async fn by_id(tx: &Tx, id: &str) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(tx.connection()).await?)
}

/// One that an account has open.
pub async fn open_of(tx: &Tx, account: &str, now_us: i64) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::OpenedBy.eq(account))
        .filter(Column::EndsUs.gt(now_us))
        .one(tx.connection())
        .await?)
}

/// Closes one before its time; a lost race if it has ended.
pub async fn close(tx: &Tx, id: &str, by: &str, now_us: i64) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::ClosedBy, Expr::value(by))
        .col_expr(Column::EndsUs, Expr::value(now_us))
        .filter(Column::Id.eq(id))
        .filter(Column::EndsUs.gt(now_us));
    one(update.exec(tx.connection()).await?.rows_affected)
}

/// Writes what a review found; a lost race if it was reviewed.
pub async fn review(tx: &Tx, id: &str, by: &str, (verdict, words): (&str, &str)) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::ReviewedBy, Expr::value(by))
        .col_expr(Column::Verdict, Expr::value(verdict))
        .col_expr(Column::Words, Expr::value(words))
        .filter(Column::Id.eq(id))
        .filter(Column::ReviewedBy.eq(""));
    one(update.exec(tx.connection()).await?.rows_affected)
}

/// Counts a call.
pub async fn count(tx: &Tx, id: &str) -> Result<()> {
    let one_more = Expr::col(Column::Calls).add(1);
    let update = Entity::update_many()
        .col_expr(Column::Calls, one_more)
        .filter(Column::Id.eq(id));
    one(update.exec(tx.connection()).await?.rows_affected)
}

/// Emergency accesses newest first, before the id `before`: of one county or of all, and only those that
/// wait for their review.
pub async fn page(
    tx: &Tx,
    (county, unreviewed): (Option<&str>, bool),
    before: Option<&str>,
    limit: u64,
) -> Result<Vec<Model>> {
    let wanted = Condition::all()
        .add_option(county.map(|it| Column::County.eq(it)))
        .add_option(unreviewed.then(|| Column::ReviewedBy.eq("")))
        .add_option(before.map(|it| Column::Id.lt(it)));
    Ok(Entity::find()
        .filter(wanted)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(tx.connection())
        .await?)
}

fn one(rows: u64) -> Result<()> {
    match rows {
        1 => Ok(()),
        _ => Err(aborted().into()),
    }
}
