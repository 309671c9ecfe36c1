//! City-wide indexes by keyed hash: the only tables of this service without a tenant.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};
use time::Date;
use yuhui_kernel::dates;
use yuhui_platform::{Result, db::Tx};

use super::entity::{claim_index, fraud_index};
use crate::domain::{Case, State};

pub(crate) use super::entity::{
    claim_index::Model as IndexedClaim, fraud_index::Model as IndexedFraud,
};

/// Brings the index up to date with a case that has been lodged.
pub(crate) async fn put(tx: &Tx, case: &Case) -> Result<()> {
    let Some(lodged_on) = case.lodged_on else {
        return Ok(());
    };
    if case.state == State::Closed {
        // Archiving changes nothing for other claims: what became of it stands.
        return Ok(());
    }
    let outcome = case.outcome.as_ref();
    let row = claim_index::ActiveModel {
        county: Set(case.tenant.as_str().into()),
        case_id: Set(case.id.to_string()),
        programme: Set(case.programme.code().into()),
        subject_ref: Set(case.subject_ref.clone()),
        claimant_ref: Set(case.claimant_ref.clone()),
        subsidy_year: Set(case.subsidy_year.into()),
        lodged_on: Set(dates::format(lodged_on)),
        lodged_order: Set(case.lodged_order),
        state: Set(case.state.as_str().into()),
        decision: Set(outcome.map(|it| it.decision.clone()).unwrap_or_default()),
        reason: Set(outcome.map(|it| it.reason.clone()).unwrap_or_default()),
        amount_fen: Set(case.amount().fen()),
        round: Set(case.round.into()),
    };
    claim_index::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([claim_index::Column::County, claim_index::Column::CaseId])
                .update_columns([
                    claim_index::Column::State,
                    claim_index::Column::Decision,
                    claim_index::Column::Reason,
                    claim_index::Column::AmountFen,
                ])
                .to_owned(),
        )
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Claims on any of those children or institutions, and of that claimant, in order of lodging.
pub(crate) async fn claims(
    tx: &Tx,
    subjects: &[String],
    claimant: &str,
) -> Result<Vec<IndexedClaim>> {
    Ok(claim_index::Entity::find()
        .filter(
            Condition::any()
                .add(claim_index::Column::SubjectRef.is_in(subjects.iter().map(String::as_str)))
                .add(claim_index::Column::ClaimantRef.eq(claimant)),
        )
        .order_by_asc(claim_index::Column::LodgedOn)
        .order_by_asc(claim_index::Column::LodgedOrder)
        .all(tx.connection())
        .await?)
}

/// Keeps a finding of fraud against a claimant, for every county.
pub(crate) async fn put_fraud(tx: &Tx, case: &Case, found_on: Date) -> Result<()> {
    fraud_index::Entity::insert(fraud_index::ActiveModel {
        claimant_ref: Set(case.claimant_ref.clone()),
        case_id: Set(case.name()),
        found_on: Set(dates::format(found_on)),
    })
    .on_conflict(
        OnConflict::columns([
            fraud_index::Column::ClaimantRef,
            fraud_index::Column::CaseId,
        ])
        .do_nothing()
        .to_owned(),
    )
    .exec_without_returning(tx.connection())
    .await?;
    Ok(())
}

/// Findings of fraud against a claimant.
pub(crate) async fn frauds(tx: &Tx, claimant: &str) -> Result<Vec<IndexedFraud>> {
    Ok(fraud_index::Entity::find()
        .filter(fraud_index::Column::ClaimantRef.eq(claimant))
        .order_by_asc(fraud_index::Column::FoundOn)
        .all(tx.connection())
        .await?)
}
