//! Versions of the parameters: a table of no tenant, written in transactions of the city.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use time::Date;
use uuid::Uuid;
use yuhui_kernel::dates;
use yuhui_platform::{Error, Result, db::Tx};

use crate::domain::{
    Hand,
    policy_version::{PolicyVersion, VersionDecision, VersionState, digest},
};

use row::{Column, Entity, Model};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "policy_packs")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: String,
        pub(crate) state: String,
        pub(crate) toml: String,
        pub(crate) digest: String,
        pub(crate) proposed_by: String,
        pub(crate) proposed_on: String,
        pub(crate) note: String,
        pub(crate) endorsed_by: String,
        pub(crate) endorsed_on: String,
        pub(crate) decided_by: String,
        pub(crate) decided_on: String,
        pub(crate) reason: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Keeps a proposal.
pub(crate) async fn insert(tx: &Tx, version: &PolicyVersion) -> Result<()> {
    let row = row::ActiveModel {
        id: Set(version.id.to_string()),
        state: Set(version.state.as_str().into()),
        toml: Set(version.toml.clone()),
        digest: Set(version.digest.clone()),
        proposed_by: Set(serde_json::to_string(&version.proposed_by)?),
        proposed_on: Set(dates::format(version.proposed_on)),
        note: Set(version.note.clone()),
        endorsed_by: Set(String::new()),
        endorsed_on: Set(String::new()),
        decided_by: Set(String::new()),
        decided_on: Set(String::new()),
        reason: Set(String::new()),
    };
    Entity::insert(row)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Writes an endorsement; one that was endorsed or decided meanwhile is a lost race.
pub(crate) async fn endorse(tx: &Tx, id: Uuid, (by, on): &(Hand, Date)) -> Result<()> {
    let by = serde_json::to_string(by)?;
    let written = Entity::update_many()
        .col_expr(Column::EndorsedBy, Expr::value(by))
        .col_expr(Column::EndorsedOn, Expr::value(dates::format(*on)))
        .filter(Column::Id.eq(id.to_string()))
        .filter(Column::EndorsedOn.eq(""))
        .filter(Column::State.eq(VersionState::Proposed.as_str()))
        .exec(tx.connection())
        .await?;
    super::one_row(written.rows_affected)
}

/// Writes a decision; one that was decided meanwhile is a lost race. Nothing else ever changes.
pub(crate) async fn decide(
    tx: &Tx,
    id: Uuid,
    state: VersionState,
    decision: &VersionDecision,
) -> Result<()> {
    let by = serde_json::to_string(&decision.by)?;
    let written = Entity::update_many()
        .col_expr(Column::State, Expr::value(state.as_str()))
        .col_expr(Column::DecidedBy, Expr::value(by))
        .col_expr(Column::DecidedOn, Expr::value(dates::format(decision.on)))
        .col_expr(Column::Reason, Expr::value(decision.reason.clone()))
        .filter(Column::Id.eq(id.to_string()))
        .filter(Column::State.eq(VersionState::Proposed.as_str()))
        .exec(tx.connection())
        .await?;
    super::one_row(written.rows_affected)
}

/// The version of that id.
pub(crate) async fn get(tx: &Tx, id: Uuid) -> Result<Option<PolicyVersion>> {
    let row = Entity::find_by_id(id.to_string())
        .one(tx.connection())
        .await?;
    row.map(read).transpose()
}

/// Versions in the order of their proposals; of one state, or all.
pub(crate) async fn list(
    tx: &Tx,
    state: Option<VersionState>,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<PolicyVersion>> {
    let mut rows = Entity::find().order_by_asc(Column::Id).limit(limit);
    if let Some(state) = state {
        rows = rows.filter(Column::State.eq(state.as_str()));
    }
    if let Some(after) = after {
        rows = rows.filter(Column::Id.gt(after));
    }
    let rows = rows.all(tx.connection()).await?;
    rows.into_iter().map(read).collect()
}

/// Every approved version.
pub(crate) async fn approved(tx: &Tx) -> Result<Vec<PolicyVersion>> {
    let rows = Entity::find()
        .filter(Column::State.eq(VersionState::Approved.as_str()))
        .order_by_asc(Column::Id)
        .all(tx.connection())
        .await?;
    rows.into_iter().map(read).collect()
}

/// Reads a row. A text that is not the one proposed decides no case.
fn read(row: Model) -> Result<PolicyVersion> {
    let corrupt = |field| Error::fault(format!("policy pack {}: unreadable {field}", row.id));
    if digest(&row.toml) != row.digest {
        return Err(corrupt("text"));
    }
    let day = |text: &str| -> Result<Date> { dates::parse(text).map_err(|_| corrupt("day")) };
    let endorsement = match row.endorsed_on.as_str() {
        "" => None,
        on => Some((serde_json::from_str(&row.endorsed_by)?, day(on)?)),
    };
    let decision = match row.decided_on.as_str() {
        "" => None,
        on => Some(VersionDecision {
            by: serde_json::from_str(&row.decided_by)?,
            on: day(on)?,
            reason: row.reason.clone(),
        }),
    };
    Ok(PolicyVersion {
        id: Uuid::parse_str(&row.id).map_err(|_| corrupt("id"))?,
        state: VersionState::parse(&row.state).ok_or_else(|| corrupt("state"))?,
        proposed_by: serde_json::from_str(&row.proposed_by)?,
        proposed_on: day(&row.proposed_on)?,
        toml: row.toml,
        digest: row.digest,
        note: row.note,
        endorsement,
        decision,
    })
}
