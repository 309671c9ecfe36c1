//! Matters of discipline inspection.

use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;
use yuhui_platform::{Result, db::Tx};

use super::one_row;
use crate::domain::supervision::Matter;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "matters")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: String,
        pub(crate) case_id: String,
        /// `OPEN` or `CLOSED`.
        pub(crate) state: String,
        pub(crate) body: String,
    }

    impl ActiveModelBehavior for ActiveModel {}

    impl yuhui_platform::db::TenantEntity for Entity {
        fn tenant_column() -> Column {
            Column::Tenant
        }
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}
}

const OPEN: &str = "OPEN";
const CLOSED: &str = "CLOSED";

/// Which matters a list is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter<'a> {
    pub(crate) case: Option<Uuid>,
    pub(crate) open_only: bool,
    pub(crate) after: Option<&'a str>,
}

/// A new matter.
pub(crate) async fn insert(tx: &Tx, matter: &Matter) -> Result<()> {
    tx.insert(row(matter)?).await?;
    Ok(())
}

/// The matter of that id.
pub(crate) async fn get(tx: &Tx, id: Uuid) -> Result<Option<Matter>> {
    let row = tx
        .find::<entity::Entity>()
        .filter(entity::Column::Id.eq(id.to_string()))
        .one(tx.connection())
        .await?;
    row.map(read).transpose()
}

/// Writes how a matter ended; a lost race if it has ended meanwhile.
pub(crate) async fn close(tx: &Tx, matter: &Matter) -> Result<()> {
    let result = tx
        .update_where::<entity::Entity>()
        .set(row(matter)?)
        .filter(entity::Column::Id.eq(matter.id.to_string()))
        .filter(entity::Column::State.eq(OPEN))
        .exec(tx.connection())
        .await?;
    one_row(result.rows_affected)
}

/// Whether a matter on the case is open.
pub(crate) async fn is_open(tx: &Tx, case: Uuid) -> Result<bool> {
    let any = tx
        .find::<entity::Entity>()
        .filter(entity::Column::CaseId.eq(case.to_string()))
        .filter(entity::Column::State.eq(OPEN));
    Ok(any.one(tx.connection()).await?.is_some())
}

/// Matters in the order in which they were opened.
pub(crate) async fn list(tx: &Tx, filter: &Filter<'_>, limit: u64) -> Result<Vec<Matter>> {
    let mut rows = tx.find::<entity::Entity>();
    if let Some(case) = filter.case {
        rows = rows.filter(entity::Column::CaseId.eq(case.to_string()));
    }
    if filter.open_only {
        rows = rows.filter(entity::Column::State.eq(OPEN));
    }
    if let Some(after) = filter.after {
        rows = rows.filter(entity::Column::Id.gt(after));
    }
    let rows = rows
        .order_by_asc(entity::Column::Id)
        .limit(limit)
        .all(tx.connection())
        .await?;
    rows.into_iter().map(read).collect()
}

fn read(row: entity::Model) -> Result<Matter> {
    Ok(serde_json::from_str(&row.body)?)
}

fn row(matter: &Matter) -> Result<entity::ActiveModel> {
    Ok(entity::ActiveModel {
        tenant: Set(matter.tenant.as_str().into()),
        id: Set(matter.id.to_string()),
        case_id: Set(matter.case.to_string()),
        state: Set(if matter.closed.is_some() {
            CLOSED
        } else {
            OPEN
        }
        .into()),
        body: Set(serde_json::to_string(matter)?),
    })
}
