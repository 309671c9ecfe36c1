//! What determinations were made from: append-only, replayable.

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use uuid::Uuid;
use yuhui_platform::{Error, Result, db::Tx};

use super::entity::{evidence, fact_sheets};

/// One evaluation as stored.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    /// Facts without the registers' answers, JSON; kept once per content.
    pub(crate) facts: String,
    /// SHA-256 of `facts`, hex.
    pub(crate) digest: String,
    /// Everything else: answers, claim, progress, pack version, JSON.
    pub(crate) body: String,
    /// Hash over the canonical evidence, hex.
    pub(crate) hash: String,
}

/// Keeps an evaluation of a case. Facts that an earlier one of the case rests on are kept already.
pub(crate) async fn append(
    tx: &Tx,
    case: Uuid,
    sequence: i64,
    stored: Stored,
    known_facts: Option<&str>,
) -> Result<()> {
    if known_facts != Some(stored.digest.as_str()) {
        keep_facts(tx, &stored.digest, stored.facts).await?;
    }
    let row = evidence::ActiveModel {
        tenant: NotSet,
        case_id: Set(case.to_string()),
        sequence: Set(sequence),
        fact_sheet: Set(stored.digest),
        body: Set(stored.body),
        hash: Set(stored.hash),
    };
    tx.insert_all(vec![row]).await
}

async fn keep_facts(tx: &Tx, digest: &str, facts: String) -> Result<()> {
    let sheet = fact_sheets::ActiveModel {
        tenant: Set(tx.tenant()?.as_str().into()),
        digest: Set(digest.into()),
        body: Set(facts),
    };
    let key = [fact_sheets::Column::Tenant, fact_sheets::Column::Digest];
    fact_sheets::Entity::insert(sheet)
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// The evaluation of a case with that hash.
pub(crate) async fn find(tx: &Tx, case: Uuid, hash: &str) -> Result<Stored> {
    let missing = || Error::fault(format!("evidence {hash} of case {case} is missing"));
    let row = tx
        .find::<evidence::Entity>()
        .filter(evidence::Column::CaseId.eq(case.to_string()))
        .filter(evidence::Column::Hash.eq(hash))
        .order_by_desc(evidence::Column::Sequence)
        .limit(1)
        .one(tx.connection())
        .await?
        .ok_or_else(missing)?;
    let sheet = tx
        .find::<fact_sheets::Entity>()
        .filter(fact_sheets::Column::Digest.eq(&row.fact_sheet))
        .one(tx.connection())
        .await?
        .ok_or_else(missing)?;
    Ok(Stored {
        facts: sheet.body,
        digest: sheet.digest,
        body: row.body,
        hash: row.hash,
    })
}
