//! Reviews of decisions.

use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;
use yuhui_platform::{Result, db::Tx};

use super::{CHUNK, one_row, work};
use crate::domain::{
    review_request::{ReviewRequest, ReviewState},
    turn::of_review,
};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "review_requests")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) tenant: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: String,
        pub(crate) revision: i64,
        pub(crate) case_id: String,
        pub(crate) state: String,
        pub(crate) unit: String,
        pub(crate) claimant_ref: String,
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

/// Which reviews a list is about; empty parts mean all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) case: Option<Uuid>,
    pub(crate) pending: bool,
    /// Digits every unit must begin with.
    pub(crate) unit_prefix: String,
    pub(crate) claimant_ref: Option<String>,
    pub(crate) after: Option<String>,
}

/// One review, if this tenant has it.
pub(crate) async fn get(tx: &Tx, id: Uuid) -> Result<Option<ReviewRequest>> {
    let row = tx
        .find::<entity::Entity>()
        .filter(entity::Column::Id.eq(id.to_string()))
        .one(tx.connection())
        .await?;
    row.map(read).transpose()
}

/// Reviews by id, at most `limit` if there is one.
pub(crate) async fn list(
    tx: &Tx,
    filter: &Filter,
    limit: Option<u64>,
) -> Result<Vec<ReviewRequest>> {
    let mut query = tx.find::<entity::Entity>();
    if let Some(case) = filter.case {
        query = query.filter(entity::Column::CaseId.eq(case.to_string()));
    }
    if filter.pending {
        let states = ReviewState::PENDING.map(ReviewState::as_str);
        query = query.filter(entity::Column::State.is_in(states));
    }
    if !filter.unit_prefix.is_empty() {
        query = query.filter(entity::Column::Unit.starts_with(&filter.unit_prefix));
    }
    if let Some(claimant) = &filter.claimant_ref {
        query = query.filter(entity::Column::ClaimantRef.eq(claimant));
    }
    if let Some(after) = &filter.after {
        query = query.filter(entity::Column::Id.gt(after));
    }
    let rows = query
        .order_by_asc(entity::Column::Id)
        .limit(limit)
        .all(tx.connection())
        .await?;
    rows.into_iter().map(read).collect()
}

/// Every review of a case, oldest first.
pub(crate) async fn of_case(tx: &Tx, case: Uuid) -> Result<Vec<ReviewRequest>> {
    let filter = Filter {
        case: Some(case),
        ..Filter::default()
    };
    list(tx, &filter, None).await
}

/// Those of some cases that are pending.
pub(crate) async fn pending(tx: &Tx, cases: &[Uuid]) -> Result<Vec<ReviewRequest>> {
    let states = ReviewState::PENDING.map(ReviewState::as_str);
    let rows = tx
        .find::<entity::Entity>()
        .filter(entity::Column::CaseId.is_in(cases.iter().map(Uuid::to_string)))
        .filter(entity::Column::State.is_in(states));
    let rows = rows.all(tx.connection()).await?;
    rows.into_iter().map(read).collect()
}

/// Reviews of those ids.
pub(crate) async fn named(tx: &Tx, ids: &[Uuid]) -> Result<Vec<ReviewRequest>> {
    of_ids(tx, ids, false).await
}

/// The same, locked until the transaction ends.
pub(crate) async fn locked(tx: &Tx, ids: &[Uuid]) -> Result<Vec<ReviewRequest>> {
    of_ids(tx, ids, true).await
}

async fn of_ids(tx: &Tx, ids: &[Uuid], lock: bool) -> Result<Vec<ReviewRequest>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let mut rows = tx
            .find::<entity::Entity>()
            .filter(entity::Column::Id.is_in(chunk.iter().map(Uuid::to_string)))
            .order_by_asc(entity::Column::Id);
        if lock {
            rows = rows.lock_exclusive();
        }
        let rows = rows.all(tx.connection()).await?;
        found.extend(rows.into_iter().map(read).collect::<Result<Vec<_>>>()?);
    }
    Ok(found)
}

/// A new review.
pub(crate) async fn insert(tx: &Tx, review: &ReviewRequest) -> Result<()> {
    tx.insert(row(review)?).await?;
    work::add(tx, &Vec::from_iter(of_review(review))).await
}

/// The review as changed; its revision has gone up by one. Lost races abort.
pub(crate) async fn update(tx: &Tx, review: &ReviewRequest) -> Result<()> {
    let result = tx
        .update_where::<entity::Entity>()
        .set(row(review)?)
        .filter(entity::Column::Id.eq(review.id.to_string()))
        .filter(entity::Column::Revision.eq(review.revision - 1))
        .exec(tx.connection())
        .await?;
    one_row(result.rows_affected)?;
    work::follow(tx, review.id, of_review(review)).await
}

fn read(row: entity::Model) -> Result<ReviewRequest> {
    Ok(serde_json::from_str(&row.body)?)
}

fn row(review: &ReviewRequest) -> Result<entity::ActiveModel> {
    Ok(entity::ActiveModel {
        tenant: Set(review.tenant.as_str().into()),
        id: Set(review.id.to_string()),
        revision: Set(review.revision),
        case_id: Set(review.case.to_string()),
        state: Set(review.state.as_str().into()),
        unit: Set(review.unit.to_string()),
        claimant_ref: Set(review.claimant_ref.clone()),
        body: Set(serde_json::to_string(review)?),
    })
}
