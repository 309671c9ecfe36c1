//! Pages of payment lines, as they are listed.

use std::collections::BTreeSet;

use sea_orm::{
    Condition, Order, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait as _},
};
use yuhui_platform::{Result, db::Tx, paging::Page};

use super::lines::{Column, Entity, Model};
use crate::domain::line::LineState;

/// What a line shows itself as: a hold hides the state of a waiting line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Waiting, on hold.
    Held,
    /// In that state.
    As(LineState),
}

impl Shown {
    /// The states of the lines that show themselves so, and whether they are held.
    fn kept_as(self) -> Vec<(LineState, bool)> {
        match self {
            Self::Held => vec![(LineState::Ready, true), (LineState::Corrected, true)],
            Self::As(state) if state.is_waiting() => vec![(state, false)],
            Self::As(state) => vec![(state, false), (state, true)],
        }
    }
}

/// What a list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Narrowed {
    /// One order, batch, case, roster or payee.
    pub to: Option<Of>,
    /// Blind reference of the payee whose lines may be shown; none: all.
    pub payee: Option<String>,
    /// Round.
    pub round: Option<i32>,
    /// Programme, as numbered in the contract.
    pub programme: Option<i32>,
    /// States as they show themselves; none: all.
    pub shown: Vec<Shown>,
}

/// What lines are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// An order.
    Order(Uuid),
    /// A batch.
    Batch(Uuid),
    /// A case, by resource name.
    Case(String),
    /// A roster, by resource name.
    Roster(String),
    /// A payee, by blind reference.
    Payee(String),
}

impl Of {
    fn condition(&self) -> Expr {
        match self {
            Self::Order(id) => Column::OrderId.eq(*id),
            Self::Batch(id) => Column::BatchId.eq(*id),
            Self::Case(name) => Column::CaseName.eq(name),
            Self::Roster(name) => Column::Roster.eq(name),
            Self::Payee(reference) => Column::PayeeRef.eq(reference),
        }
    }
}

/// A page of the lines of a county. Each state is asked for by itself: an index has its lines in the order of
/// their ids. What is narrowed to one thing has few lines, and an index of its own: nothing else is to be looked
/// for in another.
pub async fn of_county(tx: &Tx, narrowed: &Narrowed, page: &Page) -> Result<Vec<Model>> {
    let Narrowed {
        to,
        payee,
        round,
        programme,
        shown,
    } = narrowed;
    let payee = payee.clone().map(Of::Payee);
    let to = to.as_ref().or(payee.as_ref());
    let kept: BTreeSet<(LineState, bool)> = shown.iter().flat_map(|it| it.kept_as()).collect();
    if let Some(to) = to {
        let aside = |column: Column, value: i32| Expr::col(column).add(0).eq(value);
        let states = kept.iter().map(|(state, held)| {
            let state = Expr::col(Column::State).cast_as("text").eq(state.as_str());
            Condition::all().add(state).add(Column::Held.eq(*held))
        });
        let states = (!kept.is_empty()).then(|| states.fold(Condition::any(), Condition::add));
        let own = Condition::all()
            .add(to.condition())
            .add_option(payee.as_ref().map(Of::condition))
            .add_option(round.map(|it| aside(Column::Round, it)))
            .add_option(programme.map(|it| aside(Column::Programme, it)))
            .add_option(states);
        return list(tx, page, |rows| rows.filter(own)).await;
    }
    let common = Condition::all()
        .add_option(round.map(|it| Column::Round.eq(it)))
        .add_option(programme.map(|it| Column::Programme.eq(it)));
    if kept.is_empty() {
        return list(tx, page, |rows| rows.filter(common)).await;
    }
    let mut found = Vec::new();
    for (state, held) in kept {
        let own = common
            .clone()
            .add(Column::State.eq(state.as_str()))
            .add(Column::Held.eq(held));
        found.extend(list(tx, page, |rows| rows.filter(own)).await?);
    }
    found.sort_unstable_by_key(|it| it.id);
    found.truncate(usize::try_from(page.limit()).unwrap_or(usize::MAX));
    Ok(found)
}

/// A page of the lines of a batch.
pub async fn of_batch(tx: &Tx, batch: Uuid, page: &Page) -> Result<Vec<Model>> {
    list(tx, page, |rows| rows.filter(Column::BatchId.eq(batch))).await
}

async fn list(
    tx: &Tx,
    page: &Page,
    narrow: impl FnOnce(Select<Entity>) -> Select<Entity>,
) -> Result<Vec<Model>> {
    let after = page.key(|it| it.parse::<Uuid>().ok())?;
    let rows = narrow(tx.find::<Entity>())
        .filter(Column::State.ne(LineState::Arriving.as_str()))
        .filter(Condition::all().add_option(after.map(|it| Column::Id.gt(it))))
        .order_by(Column::Id, Order::Asc)
        .limit(page.limit());
    Ok(rows.all(tx.connection()).await?)
}
