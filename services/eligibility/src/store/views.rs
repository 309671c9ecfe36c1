//! Who opened whose case: one row an account, case, day and kind of view, never changed.

use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use time::Date;
use uuid::Uuid;
use yuhui_kernel::dates;
use yuhui_platform::{Result, db::Tx};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "case_views")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) case_id: String,
        /// Day, account and kind: `2025-03-31/{account}/CASE`, so that rows are in the order of days.
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) view: String,
        pub(crate) viewed_on: String,
        pub(crate) account: String,
        pub(crate) role: String,
        pub(crate) unit: String,
        pub(crate) kind: String,
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

/// A view of a case.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct View {
    pub(crate) case: Uuid,
    pub(crate) on: Date,
    pub(crate) account: String,
    /// Name of the role.
    pub(crate) role: String,
    /// Unit of the account.
    pub(crate) unit: String,
    /// Name of the kind.
    pub(crate) kind: String,
}

impl View {
    /// Its place in the list of a case.
    pub(crate) fn key(&self) -> String {
        format!("{}/{}/{}", dates::format(self.on), self.account, self.kind)
    }
}

/// Keeps a view, unless it is known.
pub(crate) async fn keep(tx: &Tx, view: &View) -> Result<()> {
    let key = view.key();
    let known = tx
        .find::<entity::Entity>()
        .filter(entity::Column::CaseId.eq(view.case.to_string()))
        .filter(entity::Column::View.eq(&key));
    if known.one(tx.connection()).await?.is_some() {
        return Ok(());
    }
    let row = entity::ActiveModel {
        tenant: Set(tx.scope().to_owned()),
        case_id: Set(view.case.to_string()),
        view: Set(key),
        viewed_on: Set(dates::format(view.on)),
        account: Set(view.account.clone()),
        role: Set(view.role.clone()),
        unit: Set(view.unit.clone()),
        kind: Set(view.kind.clone()),
    };
    tx.insert(row).await?;
    Ok(())
}

/// Views of a case, oldest first.
pub(crate) async fn list(
    tx: &Tx,
    case: Uuid,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<View>> {
    let mut rows = tx
        .find::<entity::Entity>()
        .filter(entity::Column::CaseId.eq(case.to_string()));
    if let Some(after) = after {
        rows = rows.filter(entity::Column::View.gt(after));
    }
    let rows = rows
        .order_by_asc(entity::Column::View)
        .limit(limit)
        .all(tx.connection())
        .await?;
    let views = rows.into_iter().map(|it| {
        Ok(View {
            case,
            on: dates::parse(&it.viewed_on)
                .map_err(|_| yuhui_platform::Error::fault("a view has an unreadable day"))?,
            account: it.account,
            role: it.role,
            unit: it.unit,
            kind: it.kind,
        })
    });
    views.collect()
}
