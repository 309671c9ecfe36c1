//! What cases are listed, searched and counted by: a narrow row of each, written where the case is written. Of
//! persons it has keyed hashes only.

mod count;
mod entity;
mod read;

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait, IntoActiveModel as _, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use time::{Date, OffsetDateTime};
use uuid::Uuid;
use yuhui_kernel::{Tenant, comparable_name, dates};
use yuhui_platform::{Error, Result, db::Tx, vault::Vault};
use yuhui_policy::Reason;

use self::entity::{Column, Entity, Model};
use super::{
    CHUNK,
    cases::{self, Stored},
};
use crate::domain::{
    Case,
    turn::{Collection, Item, NO_DAY},
};

pub(crate) use self::{
    count::{Count, Dimension, count},
    read::{Filter, Order, Sought, page},
};

/// Bits of the column `flags`.
const WAITS: i64 = 1;
const KEPT_BACK: i64 = 2;

/// Keyed hash by which cases of a claimant of that name are found in one county: of another county it is
/// another, so that no two tables tell of the same person.
pub(crate) fn name_ref(vault: &Vault, county: Tenant, name: &str) -> String {
    let name = comparable_name(name);
    if name.is_empty() {
        return String::new();
    }
    vault.blind(&format!("claimant-name {county}"), &name)
}

/// Microseconds since 1970.
pub(crate) fn moment(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX)
}

/// The row of a case whose personal data were sealed anew.
pub(super) async fn write_one(tx: &Tx, case: &Case, items: &[Item], sealed: &[u8]) -> Result<()> {
    let private = cases::open(tx.vault()?, case, sealed)?;
    let name = name_ref(tx.vault()?, case.tenant, &private.claimant_name);
    write(tx, vec![row(case, items, name)], true).await
}

/// Rows of cases whose personal data stay.
pub(super) async fn follow(tx: &Tx, cases: &[&Case], items: &[Item]) -> Result<()> {
    let rows = cases.iter().map(|it| row(it, items, String::new()));
    write(tx, rows.collect(), false).await
}

async fn write(tx: &Tx, rows: Vec<Model>, names: bool) -> Result<()> {
    let mut changing = vec![
        Column::State,
        Column::Programme,
        Column::Round,
        Column::Unit,
        Column::ClaimantRef,
        Column::SubjectRef,
        Column::ReceiptNumber,
        Column::Decision,
        Column::Reason,
        Column::Proposal,
        Column::Flags,
        Column::RankOn,
        Column::ChangedAt,
        Column::LodgedOn,
        Column::DecidedOn,
    ];
    changing.extend(names.then_some(Column::NameRef));
    let there = OnConflict::columns([Column::Tenant, Column::Id])
        .update_columns(changing)
        .to_owned();
    let rows = rows
        .into_iter()
        .map(|it| it.into_active_model().reset_all());
    tx.write_all(rows.collect(), &there).await?;
    Ok(())
}

/// The rows of cases as they ought to be, with what waits on all of them.
fn rows(tx: &Tx, cases: &[Stored], items: &[Item]) -> Result<Vec<Model>> {
    let rows = cases.iter().map(|it| {
        let private = cases::open(tx.vault()?, &it.case, &it.sealed)?;
        let name = name_ref(tx.vault()?, it.case.tenant, &private.claimant_name);
        Ok(row(&it.case, items, name))
    });
    rows.collect()
}

/// Those of some cases of which another row is there, or none.
pub(crate) async fn differing(tx: &Tx, cases: &[Stored], items: &[Item]) -> Result<Vec<Uuid>> {
    let mut there: HashMap<String, Model> = HashMap::with_capacity(cases.len());
    for chunk in cases.chunks(CHUNK) {
        let ids = chunk.iter().map(|it| it.case.id.to_string());
        let found = tx.find::<Entity>().filter(Column::Id.is_in(ids));
        let found = found.all(tx.connection()).await?;
        there.extend(found.into_iter().map(|it| (it.id.clone(), it)));
    }
    let wanted = rows(tx, cases, items)?;
    let differ = cases.iter().zip(wanted);
    let differ = differ.filter(|(_, wanted)| there.get(&wanted.id) != Some(wanted));
    Ok(differ.map(|(it, _)| it.case.id).collect())
}

/// Writes the rows of cases, which are locked, as they ought to be.
pub(crate) async fn replace(tx: &Tx, cases: &[Stored], items: &[Item]) -> Result<()> {
    let rows = rows(tx, cases, items)?;
    match rows.is_empty() {
        true => Ok(()),
        false => write(tx, rows, true).await,
    }
}

/// A page of the cases of which no row has been written since the table was made, by id.
pub(crate) async fn unwritten(tx: &Tx, after: &str, limit: u64) -> Result<Vec<Uuid>> {
    let rows = tx
        .find::<Entity>()
        .filter(Column::ChangedAt.eq(0))
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(limit)
        .select_only()
        .column(Column::Id);
    let ids: Vec<String> = rows.into_tuple().all(tx.connection()).await?;
    let ids = ids.iter().map(|it| Uuid::parse_str(it));
    ids.collect::<Result<_, _>>()
        .map_err(|_| Error::fault("case list: unreadable id"))
}

/// The row of a case, with the items of all cases that are written with it.
fn row(case: &Case, items: &[Item], name_ref: String) -> Model {
    let day = |day: Option<Date>| day.map(dates::format).unwrap_or_default();
    let own = items
        .iter()
        .filter(|it| it.collection == Collection::Cases && it.object == case.id);
    let act_by = own.filter_map(|it| it.days.act_by()).min();
    let found = case.outcome.as_ref().map(|it| &it.found);
    let flag = |holds: bool, bit: i64| if holds { bit } else { 0 };
    Model {
        tenant: case.tenant.as_str().into(),
        id: case.id.to_string(),
        state: case.state().as_str().into(),
        programme: case.programme.code().into(),
        round: case.round.into(),
        unit: case.unit.to_string(),
        claimant_ref: case.claimant_ref.clone(),
        subject_ref: case.subject_ref.clone(),
        name_ref,
        receipt_number: case.receipt_number.clone(),
        decision: found.map_or("", |it| it.decision.code()).into(),
        reason: { found.and_then(|it| it.reason) }
            .map_or("", Reason::code)
            .into(),
        proposal: case.pending_proposal().into(),
        flags: flag(!case.waiting_for.is_empty(), WAITS)
            | flag(case.place.is_kept_back(), KEPT_BACK),
        rank_on: act_by.map_or_else(|| NO_DAY.into(), dates::format),
        changed_at: moment(case.updated_at),
        lodged_on: day(case.lodged_on),
        decided_on: day(case.decided_on),
    }
}

#[cfg(test)]
mod tests;
