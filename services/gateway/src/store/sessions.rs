//! Sessions: the source of truth on who is signed in.

use sea_orm::{Condition, IntoActiveModel as _, QuerySelect as _, entity::prelude::*};
use yuhui_platform::{Result, db::Tx};

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// UUID.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Account.
    pub account: String,
    /// When it began.
    pub opened_us: i64,
    /// When it ends at the latest.
    pub expires_us: i64,
    /// When it was ended before that.
    pub ended_us: Option<i64>,
    /// Why.
    pub ended_why: Option<String>,
    /// Name of the delegation or emergency access it is under; empty for the account's own.
    pub under: String,
}

/// A session stands alone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Whether it lasts at `now_us`.
    #[must_use]
    pub fn lasts(&self, now_us: i64) -> bool {
        self.ended_us.is_none() && now_us < self.expires_us
    }
}

/// Adds a session.
pub async fn insert(tx: &Tx, session: Model) -> Result<()> {
    Entity::insert(session.into_active_model().reset_all())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// The session with an id.
pub async fn by_id(tx: &Tx, id: &str) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(tx.connection()).await?)
}

/// Ids of the sessions of an account that last.
pub async fn lasting_of(tx: &Tx, account: &str, now_us: i64) -> Result<Vec<String>> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Account.eq(account))
        .filter(Column::EndedUs.is_null())
        .filter(Column::ExpiresUs.gt(now_us))
        .into_tuple()
        .all(tx.connection())
        .await?)
}

/// Ids of the sessions under those names that last.
pub async fn lasting_under(tx: &Tx, names: &[String], now_us: i64) -> Result<Vec<String>> {
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Under.is_in(names))
        .filter(Column::EndedUs.is_null())
        .filter(Column::ExpiresUs.gt(now_us))
        .into_tuple()
        .all(tx.connection())
        .await?)
}

/// Ends sessions; those that have ended keep their first end.
pub async fn end(tx: &Tx, ids: &[String], at_us: i64, why: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::EndedUs, Expr::value(at_us))
        .col_expr(Column::EndedWhy, Expr::value(why))
        .filter(Column::Id.is_in(ids))
        .filter(Column::EndedUs.is_null())
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Forgets up to `most` sessions that ended, one way or the other, before
/// `before_us`; answers their ids.
pub async fn forget(tx: &Tx, before_us: i64, most: u64) -> Result<Vec<String>> {
    let old: Vec<String> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(
            Condition::any()
                .add(Column::ExpiresUs.lt(before_us))
                .add(Column::EndedUs.lt(before_us)),
        )
        .limit(most)
        .into_tuple()
        .all(tx.connection())
        .await?;
    Entity::delete_many()
        .filter(Column::Id.is_in(&old))
        .exec(tx.connection())
        .await?;
    Ok(old)
}
