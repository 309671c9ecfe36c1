//! What determinations were made from: append-only, replayable.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use uuid::Uuid;
use yuhui_platform::{Result, db::Tx};

use super::entity::{evidence, fact_sheets};

/// One evaluation as stored: the fact sheet is shared by equal facts.
pub(crate) struct Stored {
    /// Facts without the answers' dates, JSON.
    pub(crate) facts: String,
    /// Everything else: answers, claim, progress, pack version, JSON.
    pub(crate) body: String,
    /// Hash over the canonical evidence, hex.
    pub(crate) hash: String,
}

/// Keeps an evaluation of a case.
pub(crate) async fn append(
    tx: &Tx,
    case: Uuid,
    sequence: i64,
    fact_sheet: &str,
    stored: &Stored,
) -> Result<()> {
    let tenant = tx.tenant()?.as_str();
    fact_sheets::Entity::insert(fact_sheets::ActiveModel {
        tenant: Set(tenant.into()),
        digest: Set(fact_sheet.into()),
        body: Set(stored.facts.clone()),
    })
    .on_conflict(
        OnConflict::columns([fact_sheets::Column::Tenant, fact_sheets::Column::Digest])
            .do_nothing()
            .to_owned(),
    )
    .exec_without_returning(tx.connection())
    .await?;
    tx.insert(evidence::ActiveModel {
        tenant: Set(tenant.into()),
        case_id: Set(case.to_string()),
        sequence: Set(sequence),
        fact_sheet: Set(fact_sheet.into()),
        body: Set(stored.body.clone()),
        hash: Set(stored.hash.clone()),
    })
    .await?;
    Ok(())
}

/// The latest evaluation of a case.
pub(crate) async fn latest(tx: &Tx, case: Uuid) -> Result<Option<Stored>> {
    let Some(row) = tx
        .find::<evidence::Entity>()
        .filter(evidence::Column::CaseId.eq(case.to_string()))
        .order_by_desc(evidence::Column::Sequence)
        .limit(1)
        .one(tx.connection())
        .await?
    else {
        return Ok(None);
    };
    let sheet = tx
        .find::<fact_sheets::Entity>()
        .filter(fact_sheets::Column::Digest.eq(&row.fact_sheet))
        .one(tx.connection())
        .await?
        .map(|it| it.body)
        .unwrap_or_default();
    Ok(Some(Stored {
        facts: sheet,
        body: row.body,
        hash: row.hash,
    }))
}
