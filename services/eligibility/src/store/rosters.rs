//! Rosters and their frozen lines.

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;
use yuhui_platform::{
    Result,
    db::Tx,
    vault::{Row, Sealed},
};
use yuhui_policy::Programme;

use super::{
    entity::{roster_lines, rosters},
    one_row, work,
};
use crate::domain::{
    deadline::Year,
    roster::{LinePayee, Roster, RosterLine, RosterState},
};

/// Who is paid on a line.
pub(crate) const PAYEE: Sealed = Sealed {
    table: "roster_lines",
    column: "payee_sealed",
    tenant: "tenant",
    row: Row::Numbered("roster", "sequence"),
};

/// One roster, if this tenant has it.
pub(crate) async fn get(tx: &Tx, id: Uuid) -> Result<Option<Roster>> {
    let row = tx
        .find::<rosters::Entity>()
        .filter(rosters::Column::Id.eq(id.to_string()))
        .one(tx.connection())
        .await?;
    row.map(|it| Ok(serde_json::from_str(&it.body)?))
        .transpose()
}

/// One roster, locked until the transaction ends: two acts on it, or on its sample, meet here.
pub(crate) async fn locked(tx: &Tx, id: Uuid) -> Result<Option<Roster>> {
    let row = tx
        .find::<rosters::Entity>()
        .filter(rosters::Column::Id.eq(id.to_string()))
        .lock_exclusive()
        .one(tx.connection())
        .await?;
    row.map(|it| Ok(serde_json::from_str(&it.body)?))
        .transpose()
}

/// Locks what rosters of a round there are, and whether the round is open, until the transaction
/// ends. A roster that is still being built is locked after its round.
pub(crate) async fn lock_round(tx: &Tx, round: i32) -> Result<()> {
    tx.lock(&format!("rosters/{}/{round}", tx.scope())).await
}

/// A page of rosters, by id.
pub(crate) async fn list(
    tx: &Tx,
    round: i32,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<Roster>> {
    let mut query = tx.find::<rosters::Entity>();
    if round != 0 {
        query = query.filter(rosters::Column::Round.eq(i64::from(round)));
    }
    if let Some(after) = after {
        query = query.filter(rosters::Column::Id.gt(after));
    }
    let rows = query
        .order_by_asc(rosters::Column::Id)
        .limit(limit)
        .all(tx.connection())
        .await?;
    rows.into_iter()
        .map(|it| Ok(serde_json::from_str(&it.body)?))
        .collect()
}

/// Rosters of a programme and round, by id.
pub(crate) async fn of(tx: &Tx, programme: Programme, round: i32) -> Result<Vec<Roster>> {
    let rows = tx
        .find::<rosters::Entity>()
        .filter(rosters::Column::Programme.eq(programme.code()))
        .filter(rosters::Column::Round.eq(i64::from(round)))
        .order_by_asc(rosters::Column::Id)
        .all(tx.connection())
        .await?;
    rows.into_iter()
        .map(|it| Ok(serde_json::from_str(&it.body)?))
        .collect()
}

/// A page of rosters in any of those states, by id; all of them without a limit.
pub(crate) async fn in_states(
    tx: &Tx,
    states: &[RosterState],
    after: Option<&str>,
    limit: Option<u64>,
) -> Result<Vec<Roster>> {
    let states = states.iter().map(|it| it.as_str());
    let mut query = tx
        .find::<rosters::Entity>()
        .filter(rosters::Column::State.is_in(states));
    if let Some(after) = after {
        query = query.filter(rosters::Column::Id.gt(after));
    }
    let rows = query
        .order_by_asc(rosters::Column::Id)
        .limit(limit)
        .all(tx.connection())
        .await?;
    rows.into_iter()
        .map(|it| Ok(serde_json::from_str(&it.body)?))
        .collect()
}

/// A new roster.
pub(crate) async fn insert(tx: &Tx, year: &Year<'_>, roster: &Roster) -> Result<()> {
    tx.insert(row(roster)?).await?;
    let item = year.item_of_roster(roster);
    work::add(tx, &Vec::from_iter(item)).await
}

/// The roster as changed; its revision has gone up by one. Lost races abort.
pub(crate) async fn update(tx: &Tx, year: &Year<'_>, roster: &Roster) -> Result<()> {
    let result = tx
        .update_where::<rosters::Entity>()
        .set(row(roster)?)
        .filter(rosters::Column::Id.eq(roster.id.to_string()))
        .filter(rosters::Column::Revision.eq(roster.revision - 1))
        .exec(tx.connection())
        .await?;
    one_row(result.rows_affected)?;
    work::follow(tx, roster.id, year.item_of_roster(roster)).await
}

/// Whether a roster of a programme is being sealed.
pub(crate) enum Sealing {
    /// None is, nor begins to be before the transaction ends.
    None,
    /// Somebody is just beginning.
    Begins,
    /// This one is.
    Roster(Box<Roster>),
}

/// Keeps the sealing of rosters of a programme from beginning until the transaction ends, unless it has
/// begun. Waits for nobody.
pub(crate) async fn hold_off_sealing(tx: &Tx, programme: Programme) -> Result<Sealing> {
    if !tx.hold_off(&sealing(tx, programme)).await? {
        return Ok(Sealing::Begins);
    }
    let row = tx
        .find::<rosters::Entity>()
        .filter(rosters::Column::Programme.eq(programme.code()))
        .filter(rosters::Column::State.eq(RosterState::Sealing.as_str()))
        .one(tx.connection())
        .await?;
    Ok(match row {
        None => Sealing::None,
        Some(row) => Sealing::Roster(serde_json::from_str(&row.body)?),
    })
}

/// Waits for those who hold it off, and keeps others from doing so until the transaction ends.
pub(crate) async fn lock_sealing(tx: &Tx, programme: Programme) -> Result<()> {
    tx.lock(&sealing(tx, programme)).await
}

fn sealing(tx: &Tx, programme: Programme) -> String {
    format!("sealing/{}/{}", tx.scope(), programme.code())
}

/// Freezes lines of a roster after so many others, and who is paid on them.
pub(crate) async fn freeze(
    tx: &Tx,
    roster: Uuid,
    before: i64,
    lines: &[RosterLine],
    payees: &[LinePayee],
) -> Result<()> {
    let mut rows = Vec::with_capacity(lines.len());
    for (sequence, (line, payee)) in (before + 1..).zip(lines.iter().zip(payees)) {
        let place = PAYEE.at(tx.tenant()?, format!("{roster} {sequence}"));
        rows.push(roster_lines::ActiveModel {
            tenant: NotSet,
            roster: Set(roster.to_string()),
            sequence: Set(sequence),
            body: Set(serde_json::to_string(line)?),
            payee_sealed: Set(tx.vault()?.seal(&place, &serde_json::to_string(payee)?)?),
        });
    }
    tx.insert_all(rows).await
}

/// A page of a roster's lines, by place.
pub(crate) async fn lines(
    tx: &Tx,
    roster: Uuid,
    after: i64,
    limit: u64,
) -> Result<Vec<(i64, RosterLine)>> {
    let rows = line_rows(tx, roster, after, limit).await?;
    rows.into_iter()
        .map(|it| Ok((it.sequence, serde_json::from_str(&it.body)?)))
        .collect()
}

/// The line of a case on a roster.
pub(crate) async fn line_of(tx: &Tx, roster: Uuid, case: Uuid) -> Result<Option<RosterLine>> {
    let row = tx
        .find::<roster_lines::Entity>()
        .filter(roster_lines::Column::Roster.eq(roster.to_string()))
        .filter(roster_lines::Column::Body.contains(case.to_string()))
        .one(tx.connection())
        .await?;
    row.map(|it| Ok(serde_json::from_str(&it.body)?))
        .transpose()
}

/// The same with who is paid on each.
pub(crate) async fn lines_with_payees(
    tx: &Tx,
    roster: Uuid,
    after: i64,
    limit: u64,
) -> Result<Vec<(i64, RosterLine, LinePayee)>> {
    let rows = line_rows(tx, roster, after, limit).await?;
    let lines = rows.into_iter().map(|it| {
        let place = PAYEE.at(tx.tenant()?, format!("{roster} {}", it.sequence));
        let kept = tx.vault()?.unseal(&place, &it.payee_sealed)?;
        // Before there were columns it was the name alone.
        let payee = serde_json::from_str(&kept).unwrap_or_else(|_| LinePayee::named(kept));
        Ok((it.sequence, serde_json::from_str(&it.body)?, payee))
    });
    lines.collect()
}

async fn line_rows(
    tx: &Tx,
    roster: Uuid,
    after: i64,
    limit: u64,
) -> Result<Vec<roster_lines::Model>> {
    let rows = tx
        .find::<roster_lines::Entity>()
        .filter(roster_lines::Column::Roster.eq(roster.to_string()))
        .filter(roster_lines::Column::Sequence.gt(after))
        .order_by_asc(roster_lines::Column::Sequence)
        .limit(limit);
    Ok(rows.all(tx.connection()).await?)
}

fn row(roster: &Roster) -> Result<rosters::ActiveModel> {
    Ok(rosters::ActiveModel {
        tenant: Set(roster.tenant.as_str().into()),
        id: Set(roster.id.to_string()),
        programme: Set(roster.programme.code().into()),
        round: Set(roster.round.into()),
        state: Set(roster.state.as_str().into()),
        revision: Set(roster.revision),
        body: Set(serde_json::to_string(roster)?),
    })
}
