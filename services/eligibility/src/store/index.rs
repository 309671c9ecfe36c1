//! City-wide indexes by keyed hash: the only tables of this service without a tenant.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::OnConflict,
};
use time::Date;
use yuhui_kernel::{Money, dates};
use yuhui_platform::{Result, db::Tx};
use yuhui_policy::Reason;

use super::entity::{claim_index, fraud_index};
use crate::domain::{Case, State};

pub(crate) use super::entity::{
    claim_index::Model as IndexedClaim, fraud_index::Model as IndexedFraud,
};

/// How a claim stands against others: no county learns more of another's case (SOD-7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Not decided for good.
    Open,
    /// Confirmed and still to be paid, also while a hold, an inquiry or a return of the bank keeps it.
    Confirmed,
    /// Paid.
    Paid,
    /// 不予受理.
    NotAccepted,
    /// 不予确认.
    Rejected,
    /// 终止发放.
    Terminated,
    /// 追回.
    Recovered,
    /// 撤回.
    Withdrawn,
}

impl Standing {
    const ALL: [Self; 8] = [
        Self::Open,
        Self::Confirmed,
        Self::Paid,
        Self::NotAccepted,
        Self::Rejected,
        Self::Terminated,
        Self::Recovered,
        Self::Withdrawn,
    ];

    /// Archiving changes nothing for other claims: a closed case stands as it ended.
    fn of(case: &Case) -> Option<Self> {
        Some(match case.state() {
            State::Draft | State::Closed => return None,
            State::Paid => Self::Paid,
            State::NotAccepted => Self::NotAccepted,
            State::Rejected => Self::Rejected,
            State::Terminated => Self::Terminated,
            State::Recovering | State::Recovered | State::WrittenOff => Self::Recovered,
            State::Withdrawn => Self::Withdrawn,
            _ if case.confirmed_on.is_some() => Self::Confirmed,
            _ => Self::Open,
        })
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Confirmed => "CONFIRMED",
            Self::Paid => "PAID",
            Self::NotAccepted => "NOT_ACCEPTED",
            Self::Rejected => "REJECTED",
            Self::Terminated => "TERMINATED",
            Self::Recovered => "RECOVERED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    /// The standing of that name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == name)
    }
}

/// What the index says of a lodged case.
#[derive(PartialEq, Eq)]
struct Entry {
    standing: Standing,
    reason: &'static str,
    amount: Money,
    /// A late confirmation may move it to the next (R-PRC-3).
    round: i32,
    /// Place in line, if it is not that of lodging.
    queued_on: Option<Date>,
    /// Day of the confirmation that stands.
    confirmed_on: Option<Date>,
}

impl Entry {
    fn of(case: &Case) -> Option<Self> {
        let standing = Standing::of(case).filter(|_| case.lodged_on.is_some())?;
        let refused = !matches!(
            standing,
            Standing::Open | Standing::Confirmed | Standing::Paid | Standing::Withdrawn
        );
        let reason = case
            .outcome
            .as_ref()
            .and_then(|it| it.found.reason)
            .filter(|_| refused);
        // R-P4-3: a later award is reduced by what is confirmed, paid or still to be paid.
        let awarded = matches!(standing, Standing::Confirmed | Standing::Paid);
        let amount = match standing {
            Standing::Confirmed => case.rostered.unwrap_or_else(|| case.amount()),
            Standing::Paid => case.rostered.unwrap_or(Money::ZERO),
            _ => Money::ZERO,
        };
        Some(Self {
            standing,
            reason: reason.map(Reason::code).unwrap_or_default(),
            amount,
            round: case.round,
            queued_on: case.queued_on,
            confirmed_on: case.confirmed_on.filter(|_| awarded),
        })
    }
}

/// Brings the index up to date, if the change of a case means anything to other claims.
pub(crate) async fn follow(tx: &Tx, before: &Case, case: &Case) -> Result<()> {
    let (Some(entry), Some(lodged_on)) = (Entry::of(case), case.lodged_on) else {
        return Ok(());
    };
    if !concerns_others(before, case) {
        return Ok(());
    }
    let row = claim_index::ActiveModel {
        county: Set(case.tenant.as_str().into()),
        case_id: Set(case.id.to_string()),
        programme: Set(case.programme.code().into()),
        subject_ref: Set(case.subject_ref.clone()),
        claimant_ref: Set(case.claimant_ref.clone()),
        subsidy_year: Set(case.subsidy_year.into()),
        lodged_on: Set(dates::format(lodged_on)),
        lodged_order: Set(case.lodged_order),
        standing: Set(entry.standing.as_str().into()),
        reason: Set(entry.reason.into()),
        amount_fen: Set(entry.amount.fen()),
        round: Set(entry.round.into()),
        queued_on: Set(entry.queued_on.map(dates::format).unwrap_or_default()),
        confirmed_on: Set(entry.confirmed_on.map(dates::format).unwrap_or_default()),
    };
    let key = [claim_index::Column::County, claim_index::Column::CaseId];
    let changing = [
        claim_index::Column::Standing,
        claim_index::Column::Reason,
        claim_index::Column::AmountFen,
        claim_index::Column::Round,
        claim_index::Column::QueuedOn,
        claim_index::Column::ConfirmedOn,
        claim_index::Column::LodgedOrder,
    ];
    claim_index::Entity::insert(row)
        .on_conflict(OnConflict::columns(key).update_columns(changing).to_owned())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Whether the change of a case means anything to other claims.
pub(crate) fn concerns_others(before: &Case, case: &Case) -> bool {
    Entry::of(case).is_some_and(|entry| Entry::of(before) != Some(entry))
}

/// Locks the claims on those children or institutions, in the whole city, until the transaction
/// ends.
pub(crate) async fn lock(tx: &Tx, mut subjects: Vec<&str>) -> Result<()> {
    subjects.sort_unstable();
    subjects.dedup();
    for subject in subjects {
        tx.lock(&format!("claims/{subject}")).await?;
    }
    Ok(())
}

/// Locks the findings of fraud against a claimant, under all his numbers, in the whole city, until
/// the transaction ends.
pub(crate) async fn lock_frauds(tx: &Tx, mut claimant: Vec<&str>) -> Result<()> {
    claimant.sort_unstable();
    claimant.dedup();
    for number in claimant {
        tx.lock(&format!("frauds/{number}")).await?;
    }
    Ok(())
}

/// The place in line of the last claim on a child, under any of its numbers, or institution; the
/// claims must be locked.
pub(crate) async fn last_in_line(tx: &Tx, subjects: &[&str]) -> Result<Option<i64>> {
    let last = claim_index::Entity::find()
        .filter(claim_index::Column::SubjectRef.is_in(subjects.iter().copied()))
        .order_by_desc(claim_index::Column::LodgedOrder)
        .one(tx.connection())
        .await?;
    Ok(last.map(|it| it.lodged_order))
}

/// Claims on any of those children or institutions, in order of lodging.
pub(crate) async fn claims(tx: &Tx, subjects: &[&str]) -> Result<Vec<IndexedClaim>> {
    Ok(claim_index::Entity::find()
        .filter(claim_index::Column::SubjectRef.is_in(subjects.iter().copied()))
        .order_by_asc(claim_index::Column::LodgedOn)
        .order_by_asc(claim_index::Column::LodgedOrder)
        .order_by_asc(claim_index::Column::CaseId)
        .all(tx.connection())
        .await?)
}

/// Keeps a finding of fraud against a claimant, under all his numbers, for every county.
pub(crate) async fn put_fraud(
    tx: &Tx,
    case: &Case,
    claimant: &[&str],
    found_on: Date,
) -> Result<()> {
    let rows = claimant.iter().map(|number| fraud_index::ActiveModel {
        claimant_ref: Set((*number).to_owned()),
        case_id: Set(case.name()),
        found_on: Set(dates::format(found_on)),
    });
    let key = [
        fraud_index::Column::ClaimantRef,
        fraud_index::Column::CaseId,
    ];
    fraud_index::Entity::insert_many(rows)
        .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

/// Every finding of fraud in the city, the earliest of each claimant first.
pub(crate) async fn every_fraud(tx: &Tx) -> Result<Vec<IndexedFraud>> {
    Ok(fraud_index::Entity::find()
        .order_by_asc(fraud_index::Column::ClaimantRef)
        .order_by_asc(fraud_index::Column::FoundOn)
        .order_by_asc(fraud_index::Column::CaseId)
        .all(tx.connection())
        .await?)
}

/// Takes back the finding of fraud that was made on a case.
pub(crate) async fn drop_fraud(tx: &Tx, case: &Case) -> Result<()> {
    fraud_index::Entity::delete_many()
        .filter(fraud_index::Column::CaseId.eq(case.name()))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// Findings of fraud against some claimants, under the numbers their claims are of.
pub(crate) async fn frauds_of_each(tx: &Tx, claimants: &[&str]) -> Result<Vec<IndexedFraud>> {
    Ok(fraud_index::Entity::find()
        .filter(fraud_index::Column::ClaimantRef.is_in(claimants.iter().copied()))
        .all(tx.connection())
        .await?)
}

/// Findings of fraud against a claimant, under any of his numbers; each once.
pub(crate) async fn frauds(tx: &Tx, claimant: &[&str]) -> Result<Vec<IndexedFraud>> {
    let mut rows = fraud_index::Entity::find()
        .filter(fraud_index::Column::ClaimantRef.is_in(claimant.iter().copied()))
        .order_by_asc(fraud_index::Column::FoundOn)
        .order_by_asc(fraud_index::Column::CaseId)
        .order_by_asc(fraud_index::Column::ClaimantRef)
        .all(tx.connection())
        .await?;
    rows.dedup_by(|next, it| next.case_id == it.case_id);
    Ok(rows)
}
