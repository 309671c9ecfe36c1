//! Findings of inspectors and auditors, which are never changed.

use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use yuhui_platform::{Result, db::Tx};

use crate::domain::supervision::Finding;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "findings")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: String,
        pub(crate) subject: String,
        pub(crate) asks_for_hold: bool,
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

/// Which findings a list is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter<'a> {
    pub(crate) subject: Option<&'a str>,
    pub(crate) asks_for_hold: bool,
    pub(crate) after: Option<&'a str>,
}

/// A new finding.
pub(crate) async fn insert(tx: &Tx, finding: &Finding) -> Result<()> {
    let row = entity::ActiveModel {
        tenant: Set(finding.tenant.as_str().into()),
        id: Set(finding.id.to_string()),
        subject: Set(finding.subject.clone()),
        asks_for_hold: Set(finding.asks_for_hold),
        body: Set(serde_json::to_string(finding)?),
    };
    tx.insert(row).await?;
    Ok(())
}

/// Findings in the order in which they were recorded.
pub(crate) async fn list(tx: &Tx, filter: &Filter<'_>, limit: u64) -> Result<Vec<Finding>> {
    let mut rows = tx.find::<entity::Entity>();
    if let Some(subject) = filter.subject {
        rows = rows.filter(entity::Column::Subject.eq(subject));
    }
    if filter.asks_for_hold {
        rows = rows.filter(entity::Column::AsksForHold.eq(true));
    }
    if let Some(after) = filter.after {
        rows = rows.filter(entity::Column::Id.gt(after));
    }
    let rows = rows
        .order_by_asc(entity::Column::Id)
        .limit(limit)
        .all(tx.connection())
        .await?;
    rows.into_iter()
        .map(|it| Ok(serde_json::from_str(&it.body)?))
        .collect()
}
