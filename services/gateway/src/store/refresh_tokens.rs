//! Refresh tokens, known by their SHA-256 only. The spent ones are kept while
//! their session is: who shows one again has copied it.

use sea_orm::{IntoActiveModel as _, entity::prelude::*};
use yuhui_platform::{Result, db::Tx};

/// One refresh token.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_tokens")]
pub struct Model {
    /// SHA-256 of the token, hex.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// Session it continues.
    pub session: String,
    /// When it can no longer be used.
    pub expires_us: i64,
    /// When it was used.
    pub spent_us: Option<i64>,
}

/// A token stands alone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Adds a token.
pub async fn insert(tx: &Tx, token: Model) -> Result<()> {
    Entity::insert(token.into_active_model().reset_all())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// The token with a hash.
pub async fn by_hash(tx: &Tx, hash: &str) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(hash).one(tx.connection()).await?)
}

/// Spends a token; false if it was spent before.
pub async fn spend(tx: &Tx, hash: &str, at_us: i64) -> Result<bool> {
    let spent = Entity::update_many()
        .col_expr(Column::SpentUs, Expr::value(at_us))
        .filter(Column::Hash.eq(hash))
        .filter(Column::SpentUs.is_null())
        .exec(tx.connection())
        .await?;
    Ok(spent.rows_affected == 1)
}

/// Forgets the tokens of sessions.
pub async fn forget(tx: &Tx, sessions: &[String]) -> Result<()> {
    Entity::delete_many()
        .filter(Column::Session.is_in(sessions))
        .exec(tx.connection())
        .await?;
    Ok(())
}
