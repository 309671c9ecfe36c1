//! How cases stand, as far as payment goes: on hold, or struck off a roster.
//! Kept apart from the lines, so that it holds for lines still to come.

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

use super::CHUNK;

/// Cases on hold (F28).
pub mod holds {
    use sea_orm::entity::prelude::*;
    use yuhui_platform::db::TenantEntity;

    /// A case on hold; the row goes when the hold is lifted.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "holds")]
    pub struct Model {
        /// County.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        /// Resource name of the case.
        #[sea_orm(primary_key, auto_increment = false)]
        pub case_name: String,
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
}

/// A case struck off a roster (F24).
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "terminations")]
pub struct Model {
    /// County.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    /// Resource name of the case.
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_name: String,
    /// Resource name of the roster.
    #[sea_orm(primary_key, auto_increment = false)]
    pub roster: String,
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

/// Those of `cases` that are on hold.
pub async fn held(tx: &Tx, cases: &[String]) -> Result<HashSet<String>> {
    let mut found = HashSet::new();
    for chunk in cases.chunks(CHUNK) {
        let rows = tx.find::<holds::Entity>();
        let rows = rows.filter(holds::Column::CaseName.is_in(chunk));
        let names = rows.select_only().column(holds::Column::CaseName);
        let names: Vec<String> = names.into_tuple().all(tx.connection()).await?;
        found.extend(names);
    }
    Ok(found)
}

/// Sets or lifts the hold on a case.
pub async fn set_held(tx: &Tx, case: &str, on: bool) -> Result<()> {
    tx.delete_where::<holds::Entity>()
        .filter(holds::Column::CaseName.eq(case))
        .exec(tx.connection())
        .await?;
    if on {
        tx.insert(holds::ActiveModel {
            tenant: NotSet,
            case_name: Set(case.into()),
        })
        .await?;
    }
    Ok(())
}

/// Cases struck off `roster`.
pub async fn terminated(tx: &Tx, roster: &str) -> Result<HashSet<String>> {
    let rows = tx.find::<Entity>().filter(Column::Roster.eq(roster));
    let names = rows.select_only().column(Column::CaseName);
    let names: Vec<String> = names.into_tuple().all(tx.connection()).await?;
    Ok(names.into_iter().collect())
}

/// Strikes a case off `roster`.
pub async fn terminate(tx: &Tx, case: &str, roster: &str) -> Result<()> {
    if terminated(tx, roster).await?.contains(case) {
        return Ok(());
    }
    tx.insert(ActiveModel {
        tenant: NotSet,
        case_name: Set(case.into()),
        roster: Set(roster.into()),
    })
    .await?;
    Ok(())
}
