//! Objections and reports of the public; what they say is sealed.

use std::collections::HashSet;

use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;
use yuhui_platform::{
    Result,
    db::Tx,
    vault::{Row, Sealed},
};

use super::{CHUNK, one_row, work};
use crate::domain::{
    report::{Report, ReportKind, ReportState, Said},
    turn::of_report,
};

/// What a report says, how to reach who made it, and what was answered.
pub(crate) const SAID: Sealed = Sealed {
    table: "reports",
    column: "said_sealed",
    tenant: "tenant",
    row: Row::Text("id"),
};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "reports")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: String,
        pub(crate) kind: String,
        pub(crate) state: String,
        pub(crate) unit: String,
        /// Empty if none is named.
        pub(crate) notice_id: String,
        /// Empty if there is none.
        pub(crate) case_id: String,
        pub(crate) body: String,
        pub(crate) said_sealed: Vec<u8>,
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

/// Which reports a list is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter<'a> {
    /// Only these states; all if empty.
    pub(crate) states: Vec<ReportState>,
    pub(crate) kind: Option<ReportKind>,
    /// Only those addressed to units that begin with these digits.
    pub(crate) unit_prefix: &'a str,
    pub(crate) after: Option<&'a str>,
}

/// A report and what it says.
pub(crate) type Heard = (Report, Said);

/// A new report.
pub(crate) async fn insert(tx: &Tx, report: &Report, said: &Said) -> Result<()> {
    tx.insert(row(tx, report, said)?).await?;
    work::add(tx, &Vec::from_iter(of_report(report))).await
}

/// The report of that id, and what it says.
pub(crate) async fn get(tx: &Tx, id: Uuid) -> Result<Option<Heard>> {
    let row = tx
        .find::<entity::Entity>()
        .filter(entity::Column::Id.eq(id.to_string()))
        .one(tx.connection())
        .await?;
    row.map(|it| open(tx, &it)).transpose()
}

/// The same, locked until the transaction ends.
pub(crate) async fn locked(tx: &Tx, id: Uuid) -> Result<Option<Heard>> {
    let row = tx
        .find::<entity::Entity>()
        .filter(entity::Column::Id.eq(id.to_string()))
        .lock_exclusive()
        .one(tx.connection())
        .await?;
    row.map(|it| open(tx, &it)).transpose()
}

/// Writes what became of a report that is locked.
pub(crate) async fn update(tx: &Tx, report: &Report, said: &Said) -> Result<()> {
    let result = tx
        .update_where::<entity::Entity>()
        .set(row(tx, report, said)?)
        .filter(entity::Column::Id.eq(report.id.to_string()))
        .exec(tx.connection())
        .await?;
    one_row(result.rows_affected)?;
    work::follow(tx, report.id, of_report(report)).await
}

/// Reports in the order in which they were made.
pub(crate) async fn list(tx: &Tx, filter: &Filter<'_>, limit: u64) -> Result<Vec<Report>> {
    let mut rows = tx.find::<entity::Entity>();
    if !filter.states.is_empty() {
        let states = filter.states.iter().map(|it| it.as_str());
        rows = rows.filter(entity::Column::State.is_in(states));
    }
    if let Some(kind) = filter.kind {
        rows = rows.filter(entity::Column::Kind.eq(kind.as_str()));
    }
    if !filter.unit_prefix.is_empty() {
        rows = rows.filter(entity::Column::Unit.starts_with(filter.unit_prefix));
    }
    if let Some(after) = filter.after {
        rows = rows.filter(entity::Column::Id.gt(after));
    }
    let rows = rows
        .order_by_asc(entity::Column::Id)
        .limit(limit)
        .all(tx.connection())
        .await?;
    rows.iter().map(read).collect()
}

/// Reports on a notice, or on one of these cases on whatever notice it was, that nobody has taken up.
pub(crate) async fn waiting_on(tx: &Tx, notice: Uuid, cases: &[Uuid]) -> Result<Vec<Report>> {
    let on_notice = entity::Column::NoticeId.eq(notice.to_string());
    let mut rows = tx
        .find::<entity::Entity>()
        .filter(on_notice)
        .filter(entity::Column::State.eq(ReportState::Waiting.as_str()))
        .all(tx.connection())
        .await?;
    for chunk in cases.chunks(CHUNK) {
        let more = tx
            .find::<entity::Entity>()
            .filter(entity::Column::CaseId.is_in(chunk.iter().map(Uuid::to_string)))
            .filter(entity::Column::State.eq(ReportState::Waiting.as_str()));
        rows.extend(more.all(tx.connection()).await?);
    }
    rows.iter().map(read).collect()
}

/// Which of these cases somebody spoke against and has no answer yet.
pub(crate) async fn spoken_against(tx: &Tx, cases: &[Uuid]) -> Result<HashSet<Uuid>> {
    let mut found = HashSet::new();
    for chunk in cases.chunks(CHUNK) {
        let rows = tx
            .find::<entity::Entity>()
            .filter(entity::Column::CaseId.is_in(chunk.iter().map(Uuid::to_string)))
            .filter(entity::Column::State.ne(ReportState::Answered.as_str()));
        for row in rows.all(tx.connection()).await? {
            found.extend(read(&row)?.case);
        }
    }
    Ok(found)
}

fn read(row: &entity::Model) -> Result<Report> {
    Ok(serde_json::from_str(&row.body)?)
}

fn open(tx: &Tx, row: &entity::Model) -> Result<Heard> {
    let report = read(row)?;
    let place = SAID.at(report.tenant, report.id);
    let said = tx.vault()?.unseal(&place, &row.said_sealed)?;
    Ok((report, serde_json::from_str(&said)?))
}

fn row(tx: &Tx, report: &Report, said: &Said) -> Result<entity::ActiveModel> {
    let place = SAID.at(report.tenant, report.id);
    let sealed = tx.vault()?.seal(&place, &serde_json::to_string(said)?)?;
    let named = |id: Option<Uuid>| id.map(|it| it.to_string()).unwrap_or_default();
    Ok(entity::ActiveModel {
        tenant: Set(report.tenant.as_str().into()),
        id: Set(report.id.to_string()),
        kind: Set(report.kind.as_str().into()),
        state: Set(report.state.as_str().into()),
        unit: Set(report.unit.to_string()),
        notice_id: Set(named(report.notice)),
        case_id: Set(named(report.case)),
        body: Set(serde_json::to_string(report)?),
        said_sealed: Set(sealed),
    })
}
