//! The events that are kept, and how far each object has got.

use std::time::Duration;

use sea_orm::{
    ActiveValue::Set, IntoActiveModel as _, QueryOrder as _, QuerySelect as _, entity::prelude::*,
    sea_query::OnConflict,
};
use yuhui_proto::internal::v1::DeliverRequest;

use crate::{
    Result,
    caller::Caller,
    clock::{millis, real_millis},
    db::{TenantEntity, Tx},
    outbox,
    refusal::Common,
};

/// It has had its effect.
pub(super) const APPLIED: &str = "APPLIED";
/// It cannot be applied now, or is not understood.
pub(super) const PARKED: &str = "PARKED";
/// Some slices of it are applied.
pub(super) const ARRIVING: &str = "ARRIVING";
/// It was given up, here or at its source.
pub(super) const DROPPED: &str = "DROPPED";
/// What is not settled.
pub(super) const WAITING: [&str; 2] = [PARKED, ARRIVING];

/// An event that came in.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "inbox")]
pub struct Model {
    /// County it happened in.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant: String,
    /// Service it came from.
    #[sea_orm(primary_key, auto_increment = false)]
    pub source: String,
    /// Its id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: String,
    /// What happened, by the name of the payload.
    pub kind: String,
    /// What it is about, by resource name.
    pub object: String,
    /// Which event on the object it is, from 1; 0 if unknown.
    pub revision: i64,
    /// SHA-256 it was sent with, hex.
    pub digest: String,
    /// `APPLIED`, `PARKED`, `ARRIVING` or `DROPPED`.
    pub state: String,
    /// Why it is parked: a [`super::order::Why`].
    pub reason: String,
    /// The same in words.
    pub detail: String,
    /// How often it was tried in vain.
    pub attempts: i32,
    /// Not to be tried before, milliseconds since 1970.
    pub due: i64,
    /// When it came, milliseconds since 1970.
    pub received: i64,
    /// When it was applied or given up; 0 before.
    pub settled: i64,
    /// Who proposes to give it up.
    pub drop_by: String,
    /// Why.
    pub drop_why: String,
    /// Empty once it is applied.
    pub body: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    fn tenant_column() -> Column {
        Column::Tenant
    }
}

pub(super) mod objects {
    use sea_orm::entity::prelude::*;

    /// How far the events of a source on an object have been applied.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "inbox_object")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub object: String,
        /// The last revision that is settled, all before it being so.
        pub revision: i64,
        /// Where the next slice of the next one begins; empty if none was applied.
        pub cursor: String,
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

/// An event as it was delivered.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) source: String,
    pub(super) event_id: String,
    pub(super) kind: String,
    pub(super) object: String,
    pub(super) revision: i64,
    pub(super) digest: String,
    pub(super) body: Vec<u8>,
}

impl Letter {
    /// What `caller`, a service, delivers.
    pub(super) fn of(ask: DeliverRequest, caller: &Caller) -> Result<Self, Common> {
        Ok(Self {
            source: caller.via.clone().ok_or(Common::ForeignEvent)?,
            event_id: ask.event_id,
            kind: ask.kind,
            object: ask.object,
            revision: ask.revision,
            digest: ask.digest,
            body: ask.event,
        })
    }

    pub(super) fn is_given_up(&self) -> bool {
        self.kind == outbox::DROPPED
    }
}

impl From<&Model> for Letter {
    fn from(row: &Model) -> Self {
        Self {
            source: row.source.clone(),
            event_id: row.event_id.clone(),
            kind: row.kind.clone(),
            object: row.object.clone(),
            revision: row.revision,
            digest: row.digest.clone(),
            body: row.body.clone(),
        }
    }
}

/// The event, if it is kept.
pub(super) async fn get(tx: &Tx, letter: &Letter) -> Result<Option<Model>> {
    Ok(tx
        .find::<Entity>()
        .filter(Column::Source.eq(&letter.source))
        .filter(Column::EventId.eq(&letter.event_id))
        .one(tx.connection())
        .await?)
}

/// Keeps the event in a state; `why` is the reason and its words.
pub(super) async fn put(
    tx: &Tx,
    letter: &Letter,
    state: &str,
    (reason, detail): (&str, &str),
) -> Result<()> {
    let now = real_millis();
    let is_settled = !WAITING.contains(&state);
    let body = if is_settled { &[][..] } else { &letter.body };
    let row = ActiveModel {
        tenant: Set(tx.scope().into()),
        source: Set(letter.source.clone()),
        event_id: Set(letter.event_id.clone()),
        kind: Set(letter.kind.clone()),
        object: Set(letter.object.clone()),
        revision: Set(letter.revision),
        digest: Set(letter.digest.clone()),
        state: Set(state.into()),
        reason: Set(reason.into()),
        detail: Set(detail.into()),
        attempts: Set(0),
        due: Set(now),
        received: Set(now),
        settled: Set(if is_settled { now } else { 0 }),
        drop_by: Set(String::new()),
        drop_why: Set(String::new()),
        body: Set(body.to_vec()),
    };
    let known = OnConflict::columns([Column::Tenant, Column::Source, Column::EventId])
        .update_columns([
            Column::State,
            Column::Reason,
            Column::Detail,
            Column::Settled,
            Column::Body,
        ])
        .to_owned();
    Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Parked events of the tenant that something else may have held up, in order of arrival.
pub(super) async fn waiting(tx: &Tx, limit: u64) -> Result<Vec<Model>> {
    Ok(tx
        .find::<Entity>()
        .filter(Column::State.eq(PARKED))
        .order_by_asc(Column::Received)
        .order_by_asc(Column::Revision)
        .order_by_asc(Column::EventId)
        .limit(limit)
        .all(tx.connection())
        .await?)
}

/// Events that are to be tried now, the longest waiting first.
pub(super) async fn due(tx: &Tx, now: i64, limit: u64) -> Result<Vec<Model>> {
    Ok(tx
        .find::<Entity>()
        .filter(Column::State.is_in(WAITING))
        .filter(Column::Due.lte(now))
        .order_by_asc(Column::Due)
        .order_by_asc(Column::Revision)
        .limit(limit)
        .all(tx.connection())
        .await?)
}

/// Events of which some slices are applied.
pub(super) async fn arriving(tx: &Tx) -> Result<Vec<Model>> {
    let rows = tx.find::<Entity>().filter(Column::State.eq(ARRIVING));
    Ok(rows.all(tx.connection()).await?)
}

/// Not to be tried before the pause is over.
pub(super) async fn put_off(tx: &Tx, row: &Model, pause: Duration) -> Result<()> {
    tx.update_where::<Entity>()
        .col_expr(Column::Attempts, Expr::value(row.attempts + 1))
        .col_expr(Column::Due, Expr::value(real_millis() + millis(pause)))
        .filter(Column::Source.eq(&row.source))
        .filter(Column::EventId.eq(&row.event_id))
        // An operator may have made it due meanwhile.
        .filter(Column::Due.eq(row.due))
        .exec(tx.connection())
        .await?;
    Ok(())
}

async fn object(tx: &Tx, source: &str, object: &str) -> Result<Option<objects::Model>> {
    Ok(tx
        .find::<objects::Entity>()
        .filter(objects::Column::Source.eq(source))
        .filter(objects::Column::Object.eq(object))
        .one(tx.connection())
        .await?)
}

/// The last revision of an object that is settled, all before it being so.
pub(super) async fn applied(tx: &Tx, source: &str, of: &str) -> Result<i64> {
    Ok(object(tx, source, of).await?.map_or(0, |it| it.revision))
}

/// Where the next slice of the event begins.
pub(super) async fn cursor(tx: &Tx, letter: &Letter) -> Result<String> {
    let found = object(tx, &letter.source, &letter.object).await?;
    Ok(found.map(|it| it.cursor).unwrap_or_default())
}

/// Writes down how far an object has got.
pub(super) async fn set_object(
    tx: &Tx,
    letter: &Letter,
    revision: i64,
    cursor: &str,
) -> Result<()> {
    let row = objects::ActiveModel {
        tenant: Set(tx.scope().into()),
        source: Set(letter.source.clone()),
        object: Set(letter.object.clone()),
        revision: Set(revision),
        cursor: Set(cursor.into()),
    };
    let key = [
        objects::Column::Tenant,
        objects::Column::Source,
        objects::Column::Object,
    ];
    let known = OnConflict::columns(key)
        .update_columns([objects::Column::Revision, objects::Column::Cursor])
        .to_owned();
    objects::Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Events of the same source on the same object, of that revision.
pub(super) async fn of_revision(tx: &Tx, letter: &Letter, revision: i64) -> Result<Vec<Model>> {
    let rows = tx
        .find::<Entity>()
        .filter(Column::Source.eq(&letter.source))
        .filter(Column::Object.eq(&letter.object))
        .filter(Column::Revision.eq(revision));
    Ok(rows.all(tx.connection()).await?)
}

/// The first event on the same object before this one that is not settled.
pub(super) async fn predecessor(tx: &Tx, letter: &Letter) -> Result<Option<Model>> {
    Ok(tx
        .find::<Entity>()
        .filter(Column::Source.eq(&letter.source))
        .filter(Column::Object.eq(&letter.object))
        .filter(Column::Revision.lt(letter.revision))
        .filter(Column::State.is_in(WAITING))
        .order_by_asc(Column::Revision)
        .one(tx.connection())
        .await?)
}

/// Changes one event that is kept.
pub(super) async fn update(tx: &Tx, row: Model) -> Result<()> {
    tx.update(row.into_active_model().reset_all()).await?;
    Ok(())
}
