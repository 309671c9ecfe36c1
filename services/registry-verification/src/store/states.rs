//! How the registers stand for a county.

use sea_orm::{ActiveValue::Set, entity::prelude::*};
use time::Date;
use yuhui_platform::{
    Result,
    db::{TenantEntity, Tx},
};

use super::corrupt;
use crate::domain::{FactKind, Register, Standing, Standings};

/// A row of `register_states`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "register_states")]
pub struct Model {
    /// The county.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    /// The register.
    #[sea_orm(primary_key, auto_increment = false)]
    pub register: String,
    /// It does not answer.
    pub unavailable: bool,
    /// Why.
    pub reason: String,
    /// Day up to which it is complete.
    pub as_of_on: Option<Date>,
    /// Kinds of which an absence is no answer: a list of names.
    pub partial: Json,
    /// Since when.
    pub since_on: Date,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}

impl Model {
    fn into_domain(self) -> Result<Standing> {
        let broken = || corrupt("register_states");
        let kinds: Vec<String> = serde_json::from_value(self.partial)?;
        let kinds = kinds.iter().map(|it| FactKind::parse(it));
        Ok(Standing {
            register: Register::parse(&self.register).ok_or_else(broken)?,
            unavailable: self.unavailable,
            reason: self.reason,
            as_of: self.as_of_on,
            partial: kinds.collect::<Option<_>>().ok_or_else(broken)?,
            since: Some(self.since_on),
        })
    }
}

/// How they stand.
pub async fn all(tx: &Tx) -> Result<Standings> {
    let rows = tx.find::<Entity>().all(tx.connection()).await?;
    rows.into_iter().map(Model::into_domain).collect()
}

/// How one stands. Until the transaction ends nobody else says otherwise.
pub async fn locked(tx: &Tx, register: Register) -> Result<Standing> {
    tx.lock(&format!("register/{}/{}", tx.scope(), register.as_str()))
        .await?;
    Ok(all(tx).await?.of(register))
}

/// Enters how one stands from `today` on.
pub async fn put(tx: &Tx, standing: &Standing, today: Date) -> Result<()> {
    let kinds: Vec<&str> = standing.partial.iter().map(|it| it.as_str()).collect();
    let row = ActiveModel {
        tenant: Set(tx.scope().to_owned()),
        register: Set(standing.register.as_str().to_owned()),
        unavailable: Set(standing.unavailable),
        reason: Set(standing.reason.clone()),
        as_of_on: Set(standing.as_of),
        partial: Set(serde_json::to_value(kinds)?),
        since_on: Set(standing.since.unwrap_or(today)),
    };
    let known = tx.find::<Entity>();
    let known = known.filter(Column::Register.eq(standing.register.as_str()));
    if known.one(tx.connection()).await?.is_some() {
        tx.update(row).await?;
    } else {
        tx.insert(row).await?;
    }
    Ok(())
}

/// An import brings a register that is fed from time to time up to date.
pub async fn fed(tx: &Tx, register: Register, today: Date) -> Result<()> {
    let standing = locked(tx, register).await?;
    if standing.as_of.is_none_or(|it| it >= today) {
        return Ok(());
    }
    let fed = Standing {
        as_of: Some(today),
        ..standing
    };
    put(tx, &fed, today).await
}
