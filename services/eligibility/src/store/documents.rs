//! Documents of cases and notices.

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;
use yuhui_platform::{
    Result,
    db::Tx,
    vault::{Row, Sealed},
};

use super::one_row;
use crate::domain::documents::{filed::Filed, upload::Parent};

/// What a document is called.
pub(crate) const TITLE: Sealed = Sealed {
    table: "documents",
    column: "title_sealed",
    tenant: "tenant",
    row: Row::Text("id"),
};

/// A document with its sealed title.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) filed: Filed,
    pub(crate) title: Vec<u8>,
}

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "documents")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: String,
        pub(crate) parent: String,
        pub(crate) kind: String,
        pub(crate) replaced_by: String,
        pub(crate) sha256: String,
        pub(crate) body: String,
        pub(crate) title_sealed: Vec<u8>,
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

/// One document of that case or notice.
pub(crate) async fn get(tx: &Tx, parent: Parent, id: Uuid) -> Result<Option<Stored>> {
    let row = tx
        .find::<entity::Entity>()
        .filter(entity::Column::Id.eq(id.to_string()))
        .filter(entity::Column::Parent.eq(parent.key()));
    row.one(tx.connection()).await?.map(read).transpose()
}

/// Documents of a case or notice by id, without those of hidden kinds, at most `limit` if there is one.
pub(crate) async fn list(
    tx: &Tx,
    parent: Parent,
    (include_replaced, hidden): (bool, &[&str]),
    after: Option<&str>,
    limit: Option<u64>,
) -> Result<Vec<Stored>> {
    let mut query = tx
        .find::<entity::Entity>()
        .filter(entity::Column::Parent.eq(parent.key()));
    if !hidden.is_empty() {
        query = query.filter(entity::Column::Kind.is_not_in(hidden.iter().copied()));
    }
    if !include_replaced {
        query = query.filter(entity::Column::ReplacedBy.eq(""));
    }
    if let Some(after) = after {
        query = query.filter(entity::Column::Id.gt(after));
    }
    let rows = query
        .order_by_asc(entity::Column::Id)
        .limit(limit)
        .all(tx.connection())
        .await?;
    rows.into_iter().map(read).collect()
}

/// Documents of a case or notice with the same content, whatever became of them.
pub(crate) async fn same(tx: &Tx, parent: Parent, sha256: &str) -> Result<Vec<Stored>> {
    let rows = tx
        .find::<entity::Entity>()
        .filter(entity::Column::Parent.eq(parent.key()))
        .filter(entity::Column::Sha256.eq(sha256))
        .order_by_asc(entity::Column::Id)
        .all(tx.connection())
        .await?;
    rows.into_iter().map(read).collect()
}

/// A new document.
pub(crate) async fn insert(tx: &Tx, filed: &Filed, title: Vec<u8>) -> Result<()> {
    let row = entity::ActiveModel {
        title_sealed: Set(title),
        ..row(filed)?
    };
    tx.insert(row).await?;
    Ok(())
}

/// A document that was replaced, or whose original was seen; its case or notice is locked.
pub(crate) async fn update(tx: &Tx, filed: &Filed) -> Result<()> {
    let result = tx
        .update_where::<entity::Entity>()
        .set(row(filed)?)
        .filter(entity::Column::Id.eq(filed.id.to_string()))
        .filter(entity::Column::ReplacedBy.eq(""))
        .exec(tx.connection())
        .await?;
    one_row(result.rows_affected)
}

fn row(filed: &Filed) -> Result<entity::ActiveModel> {
    let replaced_by = filed.replaced_by.map(|it| it.to_string());
    Ok(entity::ActiveModel {
        tenant: Set(filed.tenant.as_str().into()),
        id: Set(filed.id.to_string()),
        parent: Set(filed.parent.key()),
        kind: Set(filed.kind.as_str().into()),
        replaced_by: Set(replaced_by.unwrap_or_default()),
        sha256: Set(filed.sha256.clone()),
        body: Set(serde_json::to_string(filed)?),
        title_sealed: NotSet,
    })
}

fn read(row: entity::Model) -> Result<Stored> {
    Ok(Stored {
        filed: serde_json::from_str(&row.body)?,
        title: row.title_sealed,
    })
}
