//! Lanes: how far each has got, and who carries it. A lane is carried by whoever
//! holds its lease; what he writes counts only under the epoch he took it in, so
//! that a relay that was away past its lease moves nothing any more.

use std::time::Duration;

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, QueryFilter as _,
    Statement,
    sea_query::{Expr, ExprTrait as _, OnConflict},
};

use crate::{
    Error, Result,
    clock::millis,
    db::{Database, Tenancy, Tx},
};

/// How long a lane is whose it was, without a word of his.
pub(super) const LEASE: Duration = Duration::from_secs(30);

pub(super) use rows::Model as Lane;

/// Takes `count` places at the end of a lane of the tenant; answers the last.
/// The head is locked until the transaction ends, which must be soon.
pub(super) async fn advance_head(tx: &Tx, destination: &str, count: i64) -> Result<i64> {
    use heads::{ActiveModel, Column, Entity};
    let row = ActiveModel {
        destination: Set(destination.into()),
        tenant: Set(tx.scope().into()),
        seq: Set(count),
    };
    let further = Expr::col((Entity, Column::Seq)).add(count);
    let known = OnConflict::columns([Column::Destination, Column::Tenant])
        .value(Column::Seq, further)
        .to_owned();
    let head = Entity::insert(row)
        .on_conflict(known)
        .exec_with_returning(tx.connection())
        .await?;
    if head.seq == count {
        let lane = rows::ActiveModel {
            destination: Set(destination.into()),
            tenant: Set(tx.scope().into()),
            cursor: Set(0),
            due: Set(0),
            failures: Set(0),
            error: Set(String::new()),
            owner: Set(String::new()),
            epoch: Set(0),
            lease: Set(0),
        };
        rows::Entity::insert(lane)
            .on_conflict_do_nothing()
            .exec_without_returning(tx.connection())
            .await?;
    }
    Ok(head.seq)
}

/// How far the tenant's lane to `destination` has got.
pub(super) async fn cursor(tx: &Tx, destination: &str) -> Result<i64> {
    let lane = rows::Entity::find_by_id((destination.to_owned(), tx.scope().to_owned()))
        .one(tx.connection())
        .await?;
    Ok(lane.map_or(0, |it| it.cursor))
}

/// Every lane of the tenant.
pub(super) async fn of_tenant(tx: &Tx) -> Result<Vec<Lane>> {
    let lanes = rows::Entity::find().filter(rows::Column::Tenant.eq(tx.scope()));
    Ok(lanes.all(tx.connection()).await?)
}

/// Lanes whose last delivery failed.
pub(super) async fn failing(tx: &Tx) -> Result<Vec<Lane>> {
    let lanes = rows::Entity::find().filter(rows::Column::Failures.gt(0));
    Ok(lanes.all(tx.connection()).await?)
}

/// Makes a lane due now; false if there is none.
pub(super) async fn make_due(tx: &Tx, destination: &str) -> Result<bool> {
    let done = rows::Entity::update_many()
        .col_expr(rows::Column::Due, Expr::value(0))
        .filter(rows::Column::Destination.eq(destination))
        .filter(rows::Column::Tenant.eq(tx.scope()))
        .exec(tx.connection())
        .await?;
    Ok(done.rows_affected == 1)
}

/// Events on their way to `destinations`, of all tenants.
pub(super) async fn waiting(db: &Database, destinations: &[String]) -> Result<u64> {
    let tx = db.read(Tenancy::All).await?;
    let (backend, places) = (db.backend(), destinations.iter());
    let places: Vec<String> = places.zip(1..).map(|(_, at)| place(backend, at)).collect();
    let sql = format!(
        "SELECT CAST(COALESCE(SUM(h.seq - x.cursor), 0) AS BIGINT)
         FROM outbox_lane x JOIN outbox_head h USING (destination, tenant)
         WHERE x.destination IN ({})",
        places.join(", ")
    );
    let values = destinations.iter().map(|it| it.as_str().into());
    let row = tx
        .query_one_raw(Statement::from_sql_and_values(backend, sql, values))
        .await?;
    let count: i64 = row.map_or(Ok(0), |it| it.try_get_by_index(0))?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Which lanes are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// Those whose pause after a failure is over.
    Due,
    /// Those that pause too.
    AtOnce,
}

/// Takes up to `most` lanes to `destination` that have something to carry and
/// that nobody holds. Those that somebody else is just taking are passed over.
pub(super) async fn claim(
    db: &Database,
    destination: &str,
    owner: &str,
    most: usize,
    when: When,
) -> Result<Vec<Lane>> {
    let backend = db.backend();
    let now = db.backend_now();
    let due = match when {
        When::Due => format!("x.due <= {now}"),
        When::AtOnce => "1 = 1".into(),
    };
    let waiting = |place: String| {
        format!(
            "FROM outbox_lane x JOIN outbox_head h USING (destination, tenant)
             WHERE x.destination = {place} AND h.seq > x.cursor AND {due} AND x.lease < {now}"
        )
    };
    let of = |sql: String, values: Vec<sea_orm::Value>| {
        Statement::from_sql_and_values(backend, sql, values)
    };
    // A look first: it takes no turn of a writer.
    let look = format!("SELECT 1 {} LIMIT 1", waiting(place(backend, 1)));
    let tx = db.read(Tenancy::All).await?;
    let found = tx
        .query_one_raw(of(look, vec![destination.into()]))
        .await?
        .is_some();
    drop(tx);
    if !found || most == 0 {
        return Ok(Vec::new());
    }
    let lock = match backend {
        DbBackend::Postgres => "FOR UPDATE OF x SKIP LOCKED",
        _ => "",
    };
    let chosen = format!(
        "SELECT x.tenant {} ORDER BY x.due, x.tenant LIMIT {} {lock}",
        waiting(place(backend, 4)),
        place(backend, 5),
    );
    // Materialized, or the limit would hold for each time the choice is made.
    let take = format!(
        "WITH chosen AS MATERIALIZED ({chosen})
         UPDATE outbox_lane SET owner = {}, epoch = epoch + 1, lease = {now} + {}
         WHERE destination = {} AND tenant IN (SELECT tenant FROM chosen) RETURNING *",
        place(backend, 1),
        place(backend, 2),
        place(backend, 3),
    );
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let values = vec![
        owner.into(),
        millis(LEASE).into(),
        destination.into(),
        destination.into(),
        most.into(),
    ];
    let tx = db.begin_global().await?;
    let lanes = rows::Entity::find()
        .from_raw_sql(of(take, values))
        .all(tx.connection())
        .await?;
    tx.commit().await?;
    Ok(lanes)
}

/// How a lane stands after some of it was carried.
pub(super) struct Standing<'a> {
    /// The last event that was acknowledged.
    pub(super) cursor: i64,
    /// Whether its carrier goes on.
    pub(super) goes_on: bool,
    /// What failed, and how long the lane pauses for it.
    pub(super) failed: Option<(&'a Error, Duration)>,
}

/// Writes down how a lane stands, if it is still held as it was taken; false if
/// it is somebody else's by now.
pub(super) async fn save(db: &Database, lane: &Lane, standing: &Standing<'_>) -> Result<bool> {
    let now = db.backend_now();
    let lease = match standing.goes_on {
        true => Expr::cust(format!("{now} + {}", millis(LEASE))),
        false => Expr::value(0),
    };
    let (due, failures, error) = match standing.failed {
        None => (Expr::value(0), 0, String::new()),
        Some((error, pause)) => (
            Expr::cust(format!("{now} + {}", millis(pause))),
            lane.failures.saturating_add(1),
            crate::bounds::cut(&error.to_string(), crate::bounds::ERROR).into_owned(),
        ),
    };
    let tx = db.begin_global().await?;
    let done = rows::Entity::update_many()
        .col_expr(rows::Column::Cursor, Expr::value(standing.cursor))
        .col_expr(rows::Column::Lease, lease)
        .col_expr(rows::Column::Due, due)
        .col_expr(rows::Column::Failures, Expr::value(failures))
        .col_expr(rows::Column::Error, Expr::value(error))
        .filter(rows::Column::Destination.eq(&lane.destination))
        .filter(rows::Column::Tenant.eq(&lane.tenant))
        .filter(rows::Column::Epoch.eq(lane.epoch))
        .exec(tx.connection())
        .await?;
    tx.commit().await?;
    Ok(done.rows_affected == 1)
}

/// Takes the lanes back from whoever held them: of a file there is one process
/// at a time, so he is gone.
pub(super) async fn free(db: &Database, destinations: &[String]) -> Result<()> {
    let tx = db.begin_global().await?;
    rows::Entity::update_many()
        .col_expr(rows::Column::Lease, Expr::value(0))
        .col_expr(rows::Column::Epoch, Expr::col(rows::Column::Epoch).add(1))
        .filter(rows::Column::Destination.is_in(destinations))
        .filter(rows::Column::Lease.gt(0))
        .exec(tx.connection())
        .await?;
    tx.commit().await
}

fn place(backend: DbBackend, at: usize) -> String {
    match backend {
        DbBackend::Postgres => format!("${at}"),
        _ => format!("?{at}"),
    }
}

mod rows {
    use sea_orm::entity::prelude::*;

    /// How a lane stands.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox_lane")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub destination: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        /// The last event that was acknowledged.
        pub cursor: i64,
        /// Not before, milliseconds since 1970 by the clock of the database.
        pub due: i64,
        /// Deliveries in a row that failed.
        pub failures: i32,
        /// Of what the last one failed.
        pub error: String,
        /// Who took it last.
        pub owner: String,
        /// How often it was taken.
        pub epoch: i64,
        /// His until then, milliseconds since 1970 by the clock of the database.
        pub lease: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod heads {
    use sea_orm::entity::prelude::*;

    /// The last event of a lane.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox_head")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub destination: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        pub seq: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
