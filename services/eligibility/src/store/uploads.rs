//! Documents on their way, and the pieces that are there.

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;
use yuhui_platform::{
    Error, Result,
    db::Tx,
    vault::{Row, Sealed},
};

use super::one_row;
use crate::domain::documents::upload::Upload;

/// Key of the content, and what the document is to be called.
pub(crate) const PRIVATE: Sealed = Sealed {
    table: "uploads",
    column: "private_sealed",
    tenant: "tenant",
    row: Row::Text("id"),
};

/// What has become of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Pieces are awaited.
    Open,
    /// Its pieces are the content of documents.
    Finished,
    /// Nobody needs its pieces: they are about to be removed.
    Dropped,
}

impl Stage {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Finished => "FINISHED",
            Self::Dropped => "DROPPED",
        }
    }
}

/// A piece that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Its first byte in the whole.
    pub(crate) start: i64,
    /// Its bytes.
    pub(crate) length: i64,
    /// Name of the object that holds it, below that of the upload: a keyed hash of its content.
    pub(crate) object: String,
}

/// An upload with its sealed part.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) upload: Upload,
    pub(crate) stage: Stage,
    pub(crate) sealed: Vec<u8>,
}

mod rows {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "uploads")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: String,
        pub(crate) account: String,
        pub(crate) state: String,
        pub(crate) committed: i64,
        pub(crate) begun: i64,
        pub(crate) body: String,
        pub(crate) private_sealed: Vec<u8>,
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

mod pieces {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "upload_pieces")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) upload: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) start: i64,
        pub(crate) length: i64,
        pub(crate) object: String,
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

/// One upload, if this tenant has it.
pub(crate) async fn get(tx: &Tx, id: Uuid) -> Result<Option<Stored>> {
    let row = tx
        .find::<rows::Entity>()
        .filter(rows::Column::Id.eq(id.to_string()));
    row.one(tx.connection()).await?.map(read).transpose()
}

/// How many uploads of the account are not finished.
pub(crate) async fn open_of(tx: &Tx, account: &str) -> Result<u64> {
    let open = tx
        .find::<rows::Entity>()
        .filter(rows::Column::Account.eq(account))
        .filter(rows::Column::State.eq(Stage::Open.as_str()));
    Ok(open.count(tx.connection()).await?)
}

/// A new upload, begun at that time (milliseconds since 1970, never a sandbox's).
pub(crate) async fn insert(tx: &Tx, upload: &Upload, sealed: Vec<u8>, begun: i64) -> Result<()> {
    let row = rows::ActiveModel {
        tenant: NotSet,
        id: Set(upload.id.to_string()),
        account: Set(upload.by.account.clone()),
        state: Set(Stage::Open.as_str().into()),
        committed: Set(upload.committed),
        begun: Set(begun),
        body: Set(serde_json::to_string(upload)?),
        private_sealed: Set(sealed),
    };
    tx.insert(row).await?;
    Ok(())
}

/// A piece more: the upload has moved on from `before`. Lost races abort.
pub(crate) async fn advance(tx: &Tx, before: i64, upload: &Upload, piece: &Piece) -> Result<()> {
    let change = rows::ActiveModel {
        committed: Set(upload.committed),
        body: Set(serde_json::to_string(upload)?),
        ..rows::ActiveModel::default()
    };
    write(tx, upload.id, before, change).await?;
    let row = pieces::ActiveModel {
        tenant: NotSet,
        upload: Set(upload.id.to_string()),
        start: Set(piece.start),
        length: Set(piece.length),
        object: Set(piece.object.clone()),
    };
    tx.insert(row).await?;
    Ok(())
}

/// The upload has come to its end. Lost races abort.
pub(crate) async fn end(tx: &Tx, upload: &Upload, stage: Stage) -> Result<()> {
    let change = rows::ActiveModel {
        state: Set(stage.as_str().into()),
        body: Set(serde_json::to_string(upload)?),
        ..rows::ActiveModel::default()
    };
    write(tx, upload.id, upload.committed, change).await
}

async fn write(tx: &Tx, id: Uuid, committed: i64, change: rows::ActiveModel) -> Result<()> {
    let result = tx
        .update_where::<rows::Entity>()
        .set(change)
        .filter(rows::Column::Id.eq(id.to_string()))
        .filter(rows::Column::State.eq(Stage::Open.as_str()))
        .filter(rows::Column::Committed.eq(committed))
        .exec(tx.connection())
        .await?;
    one_row(result.rows_affected)
}

/// The pieces of an upload, in order.
pub(crate) async fn pieces(tx: &Tx, upload: Uuid) -> Result<Vec<Piece>> {
    let found = tx
        .find::<pieces::Entity>()
        .filter(pieces::Column::Upload.eq(upload.to_string()))
        .order_by_asc(pieces::Column::Start)
        .all(tx.connection())
        .await?;
    Ok(found.into_iter().map(piece).collect())
}

/// The piece of an upload that begins there, if it is there.
pub(crate) async fn piece_at(tx: &Tx, upload: Uuid, start: i64) -> Result<Option<Piece>> {
    let found = tx
        .find::<pieces::Entity>()
        .filter(pieces::Column::Upload.eq(upload.to_string()))
        .filter(pieces::Column::Start.eq(start))
        .one(tx.connection())
        .await?;
    Ok(found.map(piece))
}

/// Drops uploads that were begun before that time and are not finished; answers those whose pieces nobody
/// needs, at most so many.
pub(crate) async fn drop_stale(tx: &Tx, before: i64, most: u64) -> Result<Vec<Uuid>> {
    let dropped = rows::ActiveModel {
        state: Set(Stage::Dropped.as_str().into()),
        ..rows::ActiveModel::default()
    };
    tx.update_where::<rows::Entity>()
        .set(dropped)
        .filter(rows::Column::State.eq(Stage::Open.as_str()))
        .filter(rows::Column::Begun.lt(before))
        .exec(tx.connection())
        .await?;
    let ids: Vec<String> = tx
        .find::<rows::Entity>()
        .filter(rows::Column::State.eq(Stage::Dropped.as_str()))
        .order_by_asc(rows::Column::Begun)
        .limit(most)
        .select_only()
        .column(rows::Column::Id)
        .into_tuple()
        .all(tx.connection())
        .await?;
    let ids = ids.iter().map(|it| it.parse().map_err(unreadable));
    ids.collect()
}

/// Forgets an upload whose pieces are removed.
pub(crate) async fn forget(tx: &Tx, id: Uuid) -> Result<()> {
    tx.delete_where::<pieces::Entity>()
        .filter(pieces::Column::Upload.eq(id.to_string()))
        .exec(tx.connection())
        .await?;
    tx.delete_where::<rows::Entity>()
        .filter(rows::Column::Id.eq(id.to_string()))
        .filter(rows::Column::State.eq(Stage::Dropped.as_str()))
        .exec(tx.connection())
        .await?;
    Ok(())
}

fn piece(row: pieces::Model) -> Piece {
    Piece {
        start: row.start,
        length: row.length,
        object: row.object,
    }
}

fn read(row: rows::Model) -> Result<Stored> {
    let stages = [Stage::Open, Stage::Finished, Stage::Dropped];
    let stage = stages.into_iter().find(|it| it.as_str() == row.state);
    Ok(Stored {
        upload: serde_json::from_str(&row.body)?,
        stage: stage.ok_or_else(|| Error::fault("an upload has no stage"))?,
        sealed: row.private_sealed,
    })
}

fn unreadable(_: uuid::Error) -> Error {
    Error::fault("an upload has an unreadable id")
}
