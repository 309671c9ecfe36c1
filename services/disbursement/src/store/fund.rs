//! Rosters for which both shares have arrived (R-FUN-3).

use std::collections::HashSet;

use sea_orm::{
    ActiveValue::{NotSet, Set},
    QuerySelect,
    entity::prelude::*,
};
use yuhui_platform::{
    Result,
    db::{TenantEntity, Tx},
};

/// A funded roster.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "funded_rosters")]
pub struct Model {
    /// County.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    /// Resource name of the roster.
    #[sea_orm(primary_key, auto_increment = false)]
    pub roster: String,
    /// Round.
    pub round: i32,
}

/// No relations.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}

/// Funded rosters of a round.
pub async fn rosters(tx: &Tx, round: i32) -> Result<HashSet<String>> {
    let rows = tx.find::<Entity>().filter(Column::Round.eq(round));
    let names = rows.select_only().column(Column::Roster);
    let names: Vec<String> = names.into_tuple().all(tx.connection()).await?;
    Ok(names.into_iter().collect())
}

/// Keeps that `rosters` of the round are funded; answers how many are new.
pub async fn add(tx: &Tx, round: i32, rosters: &[String]) -> Result<usize> {
    let before = self::rosters(tx, round).await?;
    let new: HashSet<&String> = rosters.iter().filter(|it| !before.contains(*it)).collect();
    let rows = new.iter().map(|roster| ActiveModel {
        tenant: NotSet,
        roster: Set((*roster).clone()),
        round: Set(round),
    });
    tx.insert_all(rows.collect()).await?;
    Ok(new.len())
}
