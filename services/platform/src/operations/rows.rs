//! Operations and their items, as they are kept.

use std::{collections::BTreeMap, time::Duration};

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, Statement,
    sea_query::{Expr, ExprTrait as _},
};
use uuid::Uuid;

pub(super) use self::operation::Model as Row;
use super::{Item, Next, Slice};
use crate::{
    Error, Result,
    clock::{millis, real_millis},
    db::{Database, Tenancy, Tx},
    refusal,
};

/// At work, or waiting for its turn.
pub(super) const RUNNING: &str = "RUNNING";
/// To end at the edge of a slice.
pub(super) const CANCELLING: &str = "CANCELLING";
pub(super) const DONE: &str = "DONE";
pub(super) const FAILED: &str = "FAILED";
pub(super) const CANCELLED: &str = "CANCELLED";
/// What has not ended.
pub(super) const OPEN: [&str; 2] = [RUNNING, CANCELLING];

/// How long a slice is whose it was, without a word of his; none lasts longer.
pub(super) const LEASE: Duration = Duration::from_secs(30);

impl Row {
    pub(super) fn is_open(&self) -> bool {
        OPEN.contains(&self.state.as_str())
    }

    /// As it stands after a slice. Whoever asked it to end meanwhile is not overwritten.
    pub(super) fn after<Place: serde::Serialize>(
        mut self,
        slice: Slice<Place>,
    ) -> Result<(Self, Vec<Item>)> {
        self.total = slice.total.or(self.total);
        self.done += slice.done;
        for item in &slice.items {
            match item.outcome {
                super::Outcome::Failed => self.failed += 1,
                super::Outcome::Skipped => self.skipped += 1,
                super::Outcome::Changed => self.changed += 1,
            }
        }
        (self.reason, self.message) = (String::new(), String::new());
        match slice.next {
            Next::More(place) => self.place = serde_json::to_string(&place)?,
            Next::Done => self.state = DONE.into(),
            Next::Cancelled => self.state = CANCELLED.into(),
            Next::Failed(error) => {
                self.state = FAILED.into();
                (self.reason, self.message) = (error.told(), error.message());
            }
        }
        Ok((self, slice.items))
    }

    /// Items that are on record so far.
    fn recorded(&self) -> i64 {
        self.failed + self.skipped + self.changed
    }
}

/// A new operation.
pub(super) async fn insert(tx: &Tx, row: &Row) -> Result<()> {
    tx.insert(operation::ActiveModel {
        tenant: NotSet,
        ..row.clone().into()
    })
    .await?;
    Ok(())
}

/// One operation of the tenant.
pub(super) async fn get(tx: &Tx, id: Uuid) -> Result<Option<Row>> {
    let row = tx
        .find::<operation::Entity>()
        .filter(operation::Column::Id.eq(id.to_string()));
    Ok(row.one(tx.connection()).await?)
}

/// Operations of the tenant, the latest first.
pub(super) async fn list(
    tx: &Tx,
    before: Option<&str>,
    unfinished: bool,
    limit: u64,
) -> Result<Vec<Row>> {
    let mut rows = tx.find::<operation::Entity>();
    if unfinished {
        rows = rows.filter(operation::Column::State.is_in(OPEN));
    }
    if let Some(before) = before {
        rows = rows.filter(operation::Column::Id.lt(before));
    }
    let rows = rows.order_by_desc(operation::Column::Id).limit(limit);
    Ok(rows.all(tx.connection()).await?)
}

/// Items of an operation after a place.
pub(super) async fn items(tx: &Tx, id: Uuid, after: i64, limit: u64) -> Result<Vec<item::Model>> {
    let rows = tx
        .find::<item::Entity>()
        .filter(item::Column::Operation.eq(id.to_string()))
        .filter(item::Column::Sequence.gt(after))
        .order_by_asc(item::Column::Sequence)
        .limit(limit);
    Ok(rows.all(tx.connection()).await?)
}

/// Has it end at the edge of a slice; false if it has ended.
pub(super) async fn cancel(tx: &Tx, id: &str) -> Result<bool> {
    let done = tx
        .update_where::<operation::Entity>()
        .col_expr(operation::Column::State, Expr::value(CANCELLING))
        .col_expr(operation::Column::Due, Expr::value(0))
        .col_expr(
            operation::Column::Revision,
            Expr::col(operation::Column::Revision).add(1),
        )
        .filter(operation::Column::Id.eq(id))
        .filter(operation::Column::State.is_in(OPEN))
        .exec(tx.connection())
        .await?;
    Ok(done.rows_affected == 1)
}

/// Those that may go on now, of any tenant: the county that was served longest ago first.
pub(super) async fn runnable(db: &Database) -> Result<Vec<(Tenancy, String)>> {
    let tx = db.read(Tenancy::All).await?;
    let sql = format!(
        "SELECT tenant, id, served, CASE WHEN lease < {now} AND due <= {now} THEN 1 ELSE 0 END AS free
         FROM operation WHERE state IN ('{RUNNING}', '{CANCELLING}')",
        now = db.backend_now()
    );
    let found = tx
        .query_all_raw(Statement::from_string(db.backend(), sql))
        .await?;
    let mut served: BTreeMap<String, i64> = BTreeMap::new();
    let mut free = Vec::new();
    for row in found {
        let (tenant, id): (String, String) = (row.try_get("", "tenant")?, row.try_get("", "id")?);
        let at: i64 = row.try_get("", "served")?;
        let last = served.entry(tenant.clone()).or_insert(at);
        *last = Ord::max(at, *last);
        if row.try_get::<i32>("", "free")? == 1 {
            free.push((tenant, at, id));
        }
    }
    free.sort_by_key(|(tenant, at, id)| (served.get(tenant).copied(), *at, id.clone()));
    free.into_iter()
        .map(|(tenant, _, id)| Ok((Tenancy::named(&tenant)?, id)))
        .collect()
}

/// Frees what a process that was killed had begun. A file has one process, which need not wait for itself;
/// on a server others may be at work.
pub(super) async fn free(db: &Database) -> Result<()> {
    if db.backend() != DbBackend::Sqlite {
        return Ok(());
    }
    for tenancy in Tenancy::each() {
        let tx = db.begin(tenancy).await?;
        tx.update_where::<operation::Entity>()
            .col_expr(operation::Column::Lease, Expr::value(0))
            .filter(operation::Column::State.is_in(OPEN))
            .filter(operation::Column::Lease.gt(0))
            .exec(tx.connection())
            .await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Takes an operation for one slice, unless somebody else has it by now.
pub(super) async fn claim(db: &Database, tenancy: Tenancy, id: &str) -> Result<Option<Row>> {
    let now = db.backend_now();
    let sql = format!(
        "UPDATE operation SET epoch = epoch + 1, lease = {now} + $3, served = {now}
         WHERE tenant = $1 AND id = $2 AND state IN ('{RUNNING}', '{CANCELLING}')
           AND lease < {now} AND due <= {now} RETURNING *"
    );
    let values = [tenancy.scope().into(), id.into(), millis(LEASE).into()];
    let tx = db.begin(tenancy).await?;
    let row = operation::Entity::find()
        .from_raw_sql(Statement::from_sql_and_values(db.backend(), sql, values))
        .one(tx.connection())
        .await?;
    tx.commit().await?;
    Ok(row)
}

/// Writes where it stands after a slice, in the slice's transaction. Refused (`ABORTED`) if somebody
/// else has taken it since.
pub(super) async fn advance<Place: serde::Serialize>(
    tx: &Tx,
    row: Row,
    slice: Slice<Place>,
) -> Result<()> {
    let (before, recorded) = (row.state.clone(), row.recorded());
    let (row, items) = row.after(slice)?;
    record(tx, &row.id, recorded, items).await?;
    let mut update = tx
        .update_where::<operation::Entity>()
        .set(operation::ActiveModel {
            place: Set(row.place),
            total: Set(row.total),
            done: Set(row.done),
            failed: Set(row.failed),
            skipped: Set(row.skipped),
            changed: Set(row.changed),
            reason: Set(row.reason),
            message: Set(row.message),
            lease: Set(0),
            due: Set(0),
            failures: Set(0),
            updated: Set(real_millis()),
            ..Default::default()
        })
        .col_expr(
            operation::Column::Revision,
            Expr::col(operation::Column::Revision).add(1),
        );
    if row.state != before {
        update = update.col_expr(operation::Column::State, Expr::value(row.state));
    }
    let done = update
        .filter(operation::Column::Id.eq(&row.id))
        .filter(operation::Column::Epoch.eq(row.epoch))
        .exec(tx.connection())
        .await?;
    match done.rows_affected {
        1 => Ok(()),
        _ => Err(refusal::aborted().into()),
    }
}

/// Keeps items, after so many that are on record.
pub(super) async fn record(tx: &Tx, id: &str, recorded: i64, items: Vec<Item>) -> Result<()> {
    let rows = items.into_iter().zip(recorded + 1..);
    let rows = rows.map(|(it, sequence)| item::ActiveModel {
        tenant: NotSet,
        operation: Set(id.to_owned()),
        sequence: Set(sequence),
        name: Set(it.name),
        outcome: Set(it.outcome.as_str().into()),
        reason: Set(it.reason),
    });
    tx.insert_all(rows.collect()).await
}

/// Notes why a slice was not done, and when it is tried again.
pub(super) async fn put_off(
    db: &Database,
    tenancy: Tenancy,
    row: &Row,
    error: &Error,
    pause: Duration,
) -> Result<()> {
    let now = Expr::cust(db.backend_now());
    let tx = db.begin(tenancy).await?;
    let update = tx
        .update_where::<operation::Entity>()
        .set(operation::ActiveModel {
            reason: Set(error.told()),
            message: Set(error.message()),
            lease: Set(0),
            failures: Set(row.failures.saturating_add(1)),
            updated: Set(real_millis()),
            ..Default::default()
        })
        .col_expr(operation::Column::Due, now.add(millis(pause)))
        .col_expr(
            operation::Column::Revision,
            Expr::col(operation::Column::Revision).add(1),
        );
    // What became of it may be known to the database alone: then it stands as the slice left it.
    update
        .filter(operation::Column::Id.eq(&row.id))
        .filter(operation::Column::Epoch.eq(row.epoch))
        .filter(operation::Column::State.is_in(OPEN))
        .filter(operation::Column::Place.eq(&row.place))
        .exec(tx.connection())
        .await?;
    tx.commit().await
}

/// Forgets operations of the tenant, and their items, that ended before that moment (milliseconds since
/// 1970); answers how many.
pub(crate) async fn prune(tx: &Tx, before: i64) -> Result<u64> {
    let ended = tx
        .find::<operation::Entity>()
        .filter(operation::Column::State.is_not_in(OPEN))
        .filter(operation::Column::Updated.lt(before))
        .select_only()
        .column(operation::Column::Id)
        .limit(1000);
    let ended: Vec<String> = ended.into_tuple().all(tx.connection()).await?;
    if ended.is_empty() {
        return Ok(0);
    }
    tx.delete_where::<item::Entity>()
        .filter(item::Column::Operation.is_in(&ended))
        .exec(tx.connection())
        .await?;
    let gone = tx
        .delete_where::<operation::Entity>()
        .filter(operation::Column::Id.is_in(&ended))
        .exec(tx.connection())
        .await?;
    Ok(gone.rows_affected)
}

pub(super) mod operation {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "operation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub method: String,
        pub object: String,
        pub state: String,
        /// Who asked, as JSON.
        pub caller: String,
        /// What was asked for, as JSON.
        pub ask: String,
        /// Where the work stands, as JSON.
        pub place: String,
        pub total: Option<i64>,
        pub done: i64,
        pub failed: i64,
        pub skipped: i64,
        pub changed: i64,
        pub revision: i64,
        pub reason: String,
        pub message: String,
        /// Goes up with each slice that was begun.
        pub epoch: i64,
        /// Until when the slice that was begun is its worker's, by the clock of the database.
        pub lease: i64,
        /// When the next slice may begin, by the same.
        pub due: i64,
        /// When the last slice was begun, by the same.
        pub served: i64,
        /// Slices in a row that were not done.
        pub failures: i32,
        pub created: i64,
        pub updated: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl crate::db::TenantEntity for Entity {
        fn tenant_column() -> Column {
            Column::Tenant
        }
    }
}

pub(super) mod item {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "operation_item")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub operation: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sequence: i64,
        pub name: String,
        pub outcome: String,
        pub reason: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    impl crate::db::TenantEntity for Entity {
        fn tenant_column() -> Column {
            Column::Tenant
        }
    }
}
