//! Lines of sealed rosters.

use std::collections::BTreeMap;

use sea_orm::{
    ColumnTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, ExprTrait as _, Query, SelectStatement},
};
use yuhui_kernel::Money;
use yuhui_platform::{Result, db::Tx};

use super::{CHUNK, entity::line, row};
use crate::{
    domain::book::Programme,
    domain::{line::LineState, reconciliation::LineSums},
};

/// A line of a sealed roster.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its roster.
    pub roster: String,
    /// The case.
    pub case_name: String,
    /// Round.
    pub round: i32,
    /// Programme.
    pub programme: Programme,
    /// Amount.
    pub amount: Money,
    /// State.
    pub state: LineState,
    /// Terminated while it was at the bank.
    pub stop_wanted: bool,
}

/// Writes the lines of a roster.
pub async fn insert(tx: &Tx, lines: &[Line]) -> Result<()> {
    for chunk in lines.chunks(CHUNK) {
        let rows = chunk.iter().map(|it| {
            let row = line::Model {
                tenant: String::new(),
                roster: it.roster.clone(),
                case_name: it.case_name.clone(),
                round: it.round,
                programme: it.programme.code().to_owned(),
                amount_fen: it.amount.fen(),
                state: it.state.code().to_owned(),
                stop_wanted: it.stop_wanted,
            };
            row.into_active_model()
        });
        tx.insert_all(rows.collect()).await?;
    }
    Ok(())
}

/// One line.
pub async fn get(tx: &Tx, roster: &str, case_name: &str) -> Result<Option<Line>> {
    let found = tx
        .find::<line::Entity>()
        .filter(line::Column::Roster.eq(roster))
        .filter(line::Column::CaseName.eq(case_name))
        .one(tx.connection())
        .await?;
    found.map(read).transpose()
}

/// Lines of `cases` in one of `states`, on whatever roster.
pub async fn of_cases(tx: &Tx, cases: &[&str], states: &[LineState]) -> Result<Vec<Line>> {
    let states: Vec<_> = states.iter().map(|it| it.code()).collect();
    let mut lines = Vec::new();
    for chunk in cases.chunks(CHUNK) {
        let found = tx
            .find::<line::Entity>()
            .filter(line::Column::CaseName.is_in(chunk.iter().copied()))
            .filter(line::Column::State.is_in(states.iter().copied()))
            .order_by_asc(line::Column::CaseName)
            .all(tx.connection())
            .await?;
        for row in found {
            lines.push(read(row)?);
        }
    }
    Ok(lines)
}

/// Lines in one of `states` on other rosters, of cases that arrive on `roster`.
pub async fn elsewhere(tx: &Tx, roster: &str, states: &[LineState]) -> Result<Vec<Line>> {
    let found = tx
        .find::<line::Entity>()
        .filter(line::Column::Roster.ne(roster))
        .filter(line::Column::State.is_in(states.iter().map(|it| it.code())))
        .filter(line::Column::CaseName.in_subquery(arriving(tx, roster)))
        .order_by_asc(line::Column::CaseName)
        .all(tx.connection())
        .await?;
    found.into_iter().map(read).collect()
}

/// Cases that arrive on `roster`.
pub(super) fn arriving(tx: &Tx, roster: &str) -> SelectStatement {
    Query::select()
        .column(line::Column::CaseName)
        .from(line::Entity)
        .and_where(line::Column::Tenant.eq(tx.scope()))
        .and_where(line::Column::Roster.eq(roster))
        .and_where(line::Column::State.eq(LineState::Arriving.code()))
        .to_owned()
}

/// The lines of a roster have come in, all of them: they are payable.
pub async fn arrived(tx: &Tx, roster: &str) -> Result<()> {
    tx.update_where::<line::Entity>()
        .col_expr(line::Column::State, Expr::value(LineState::Ready.code()))
        .filter(line::Column::Roster.eq(roster))
        .filter(line::Column::State.eq(LineState::Arriving.code()))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// The lines of a roster that is coming in are as if they had never come.
pub async fn turn_away(tx: &Tx, roster: &str) -> Result<()> {
    tx.delete_where::<line::Entity>()
        .filter(line::Column::Roster.eq(roster))
        .filter(line::Column::State.eq(LineState::Arriving.code()))
        .exec(tx.connection())
        .await?;
    Ok(())
}

/// What is payable of a roster: its lines that are not terminated.
pub async fn payable_of(tx: &Tx, roster: &str) -> Result<Money> {
    let found: Option<Option<i64>> = tx
        .find::<line::Entity>()
        .filter(line::Column::Roster.eq(roster))
        .filter(line::Column::State.ne(LineState::Terminated.code()))
        .select_only()
        .column_as(sum(), "sum")
        .into_tuple()
        .one(tx.connection())
        .await?;
    Ok(Money::from_fen(found.flatten().unwrap_or(0)))
}

/// Sums of a round by state; `tx` is bound to the county.
pub async fn sums(tx: &Tx, round: i32) -> Result<LineSums> {
    let found: Vec<(String, i64)> = tx
        .find::<line::Entity>()
        .filter(line::Column::Round.eq(round))
        .select_only()
        .column(line::Column::State)
        .column_as(sum(), "sum")
        .group_by(line::Column::State)
        .into_tuple()
        .all(tx.connection())
        .await?;
    let mut sums = LineSums::default();
    for (state, fen) in found {
        let amount = Money::from_fen(fen);
        match row::known(LineState::from_code(&state), "line state", &state)? {
            LineState::Ready => sums.ready = amount,
            LineState::Sent => sums.sent = amount,
            LineState::Credited => sums.credited = amount,
            LineState::Returned => sums.returned = amount,
            LineState::Arriving | LineState::Terminated | LineState::Lapsed => {}
        }
    }
    Ok(sums)
}

/// Number and amount of the credited lines of a round, by programme.
pub async fn credited(tx: &Tx, round: i32) -> Result<Vec<(Programme, i64, Money)>> {
    let found: Vec<(String, i64, i64)> = tx
        .find::<line::Entity>()
        .filter(line::Column::Round.eq(round))
        .filter(line::Column::State.eq(LineState::Credited.code()))
        .select_only()
        .column(line::Column::Programme)
        .column_as(line::Column::CaseName.count(), "lines")
        .column_as(sum(), "sum")
        .group_by(line::Column::Programme)
        .order_by_asc(line::Column::Programme)
        .into_tuple()
        .all(tx.connection())
        .await?;
    let read = |(programme, lines, fen): (String, i64, i64)| {
        let known = Programme::from_code(&programme);
        let known = row::known(known, "programme", &programme)?;
        Ok((known, lines, Money::from_fen(fen)))
    };
    found.into_iter().map(read).collect()
}

/// PostgreSQL sums to a numeric; both back ends are told to give an integer.
fn sum() -> Expr {
    Expr::col(line::Column::AmountFen).sum().cast_as("bigint")
}

/// Moves lines to a state.
pub async fn mark(tx: &Tx, lines: &[Line], state: LineState) -> Result<()> {
    set(tx, lines, line::Column::State, Expr::value(state.code())).await
}

/// Remembers that a line at the bank is not to be sent again.
pub async fn want_stopped(tx: &Tx, line: &Line) -> Result<()> {
    let lines = std::slice::from_ref(line);
    set(tx, lines, line::Column::StopWanted, Expr::value(true)).await
}

async fn set(tx: &Tx, lines: &[Line], column: line::Column, value: Expr) -> Result<()> {
    let mut by_roster: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in lines {
        by_roster
            .entry(&line.roster)
            .or_default()
            .push(&line.case_name);
    }
    for (roster, cases) in by_roster {
        for chunk in cases.chunks(CHUNK) {
            tx.update_where::<line::Entity>()
                .col_expr(column, value.clone())
                .filter(line::Column::Roster.eq(roster))
                .filter(line::Column::CaseName.is_in(chunk.iter().copied()))
                .exec(tx.connection())
                .await?;
        }
    }
    Ok(())
}

fn read(found: line::Model) -> Result<Line> {
    let state = LineState::from_code(&found.state);
    Ok(Line {
        round: found.round,
        programme: row::programme(&found.programme)?,
        amount: Money::from_fen(found.amount_fen),
        state: row::known(state, "line state", &found.state)?,
        stop_wanted: found.stop_wanted,
        roster: found.roster,
        case_name: found.case_name,
    })
}
