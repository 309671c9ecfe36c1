//! Delegations (DYN-7). Days are business dates, written out: they compare as text.

use sea_orm::{
    Condition, IntoActiveModel as _, QueryOrder as _, QuerySelect as _, entity::prelude::*,
};
use yuhui_kernel::{Date as Day, dates};
use yuhui_platform::{Error, Result, db::Tx, refusal::aborted};
use yuhui_proto::authz::v1::Role;

use crate::domain::delegation::{State, Term};

/// One delegation.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize)]
#[sea_orm(table_name = "delegations")]
pub struct Model {
    /// UUID.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Account that is acted for.
    pub principal: String,
    /// Account that acts.
    pub deputy: String,
    /// Blind index of the deputy's number.
    #[serde(skip)]
    pub deputy_person: String,
    /// Name of the role that is acted in.
    pub role: String,
    /// Its unit.
    pub unit: String,
    /// First day.
    pub from_on: String,
    /// Last day.
    pub to_on: String,
    /// Number of the written document.
    pub document: String,
    /// Account that granted it.
    pub granted_by: String,
    /// Account that revoked it; empty if none did.
    pub revoked_by: String,
    /// Why.
    pub revoke_reason: String,
}

/// A delegation stands alone.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Resource name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("delegations/{}", self.id)
    }

    /// Role; what cannot be read may do nothing.
    #[must_use]
    pub fn role(&self) -> Role {
        Role::from_str_name(&self.role).unwrap_or_default()
    }

    /// Where it stands.
    pub fn state(&self, today: Day) -> Result<State> {
        let day = |text: &str| dates::parse(text).map_err(|it| Error::fault(it.to_string()));
        let term = Term {
            from: day(&self.from_on)?,
            to: day(&self.to_on)?,
        };
        Ok(term.state(!self.revoked_by.is_empty(), today))
    }
}

/// Adds a delegation.
pub async fn insert(tx: &Tx, delegation: Model) -> Result<()> {
    Entity::insert(delegation.into_active_model().reset_all())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// The delegation with an id.
pub async fn by_id(tx: &Tx, id: &str) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(tx.connection()).await?)
}

/// Ends a delegation before its time; a lost race if somebody has.
pub async fn revoke(tx: &Tx, id: &str, by: &str, reason: &str) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::RevokedBy, Expr::value(by))
        .col_expr(Column::RevokeReason, Expr::value(reason))
        .filter(Column::Id.eq(id))
        .filter(Column::RevokedBy.eq(""));
    match update.exec(tx.connection()).await?.rows_affected {
        1 => Ok(()),
        _ => Err(aborted().into()),
    }
}

/// Those that a person holds as deputy on any day from `from` to `to`.
pub async fn held_by(tx: &Tx, person: &str, from: &str, to: &str) -> Result<Vec<Model>> {
    standing(tx, Column::DeputyPerson.eq(person), from, to).await
}

/// Those under which others act for an account on any day from `from` to `to`.
pub async fn of_principal(tx: &Tx, account: &str, from: &str, to: &str) -> Result<Vec<Model>> {
    standing(tx, Column::Principal.eq(account), from, to).await
}

async fn standing(
    tx: &Tx,
    whose: impl sea_orm::sea_query::IntoCondition,
    from: &str,
    to: &str,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(whose)
        .filter(Column::RevokedBy.eq(""))
        .filter(Column::FromOn.lte(to))
        .filter(Column::ToOn.gte(from))
        .all(tx.connection())
        .await?)
}

/// Delegations newest first, before the id `before`: of units that begin with `unit`, and those to which
/// `account` is a party.
pub async fn page(
    tx: &Tx,
    (unit, account): (&str, &str),
    before: Option<&str>,
    limit: u64,
) -> Result<Vec<Model>> {
    let whose = Condition::any()
        .add(Column::Unit.starts_with(unit))
        .add(Column::Principal.eq(account))
        .add(Column::Deputy.eq(account));
    Ok(Entity::find()
        .filter(whose)
        .filter(Condition::all().add_option(before.map(|it| Column::Id.lt(it))))
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(tx.connection())
        .await?)
}
