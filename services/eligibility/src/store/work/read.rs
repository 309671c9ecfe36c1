//! Pages of a desk's queue, and counts of it.
//!
//! A page is found in two steps: its ids out of an index that holds everything a list is narrowed to, then the
//! rows by their key. Counts are grouped out of an index too, and looked up anew each time: a counter would
//! be a row that all acts of a desk wait for.

use std::collections::HashMap;

use sea_orm::{
    ColumnTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Asterisk, Expr, ExprTrait as _, Func, SimpleExpr},
};
use time::Date;
use uuid::Uuid;
use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{
    Error, Result,
    db::{Tenancy, Tx},
};
use yuhui_policy::{Decision, Programme};

use super::{CONTRADICTED, WAITS, entity::items, items::Column};
use crate::domain::{
    State,
    turn::{Act, Collection, Days, Desk, Item, NO_DAY},
};

/// One desk's queue.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    pub(crate) desk: Desk,
    /// Code of its unit, or blind reference of the claimant.
    pub(crate) whose: String,
    pub(crate) filter: Filter,
    pub(crate) today: Date,
}

/// What a queue is narrowed to; empty parts narrow nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) acts: Vec<Act>,
    pub(crate) programmes: Vec<Programme>,
    pub(crate) rounds: Vec<i32>,
    pub(crate) decisions: Vec<Decision>,
    /// Codes that villages begin with.
    pub(crate) units: Vec<String>,
    pub(crate) due_from: Option<Date>,
    pub(crate) due_to: Option<Date>,
    /// Any of the three.
    pub(crate) overdue: bool,
    pub(crate) waits: bool,
    pub(crate) contradicted: bool,
}

/// In which order a queue is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// What is due first comes first.
    Due,
    /// What came last comes first.
    Newest,
}

/// An item, and its place in the list.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) item: Item,
    pub(crate) key: String,
}

/// How many items there are of an act, programme, round and day.
#[derive(Debug, Clone)]
pub(crate) struct By {
    pub(crate) act: Act,
    pub(crate) programme: Option<Programme>,
    pub(crate) round: i32,
    /// Day by which something must be done.
    pub(crate) on: Option<Date>,
    pub(crate) count: i64,
}

/// A page of a queue, after a key of an item before it.
pub(crate) async fn list(
    tx: &Tx,
    queue: &Queue,
    order: Order,
    after: Option<(&str, &str)>,
    limit: u64,
) -> Result<Vec<Found>> {
    let ids = ids(tx, queue, order, after, limit);
    let ids: Vec<(String, String)> = ids.into_tuple().all(tx.connection()).await?;
    let mut rows = rows(tx, ids.iter().map(|(_, id)| id.as_str())).await?;
    let found = ids.into_iter().filter_map(|(day, id)| {
        let item = rows.remove(&id)?;
        Some(read(item).map(|item| Found {
            item,
            key: format!("{day} {id}"),
        }))
    });
    found.collect()
}

/// Day and id of the items of a page.
pub(super) fn ids(
    tx: &Tx,
    queue: &Queue,
    order: Order,
    after: Option<(&str, &str)>,
    limit: u64,
) -> Select<items::Entity> {
    let by = match order {
        Order::Due => Column::RankOn,
        Order::Newest => Column::SinceOn,
    };
    let mut query = narrowed(tx, queue);
    if let Some((day, id)) = after {
        let place = Expr::tuple([Expr::col(by), Expr::col(Column::Id)]);
        let after = Expr::tuple([Expr::val(day), Expr::val(id)]);
        query = query.filter(match order {
            Order::Due => place.gt(after),
            Order::Newest => place.lt(after),
        });
    }
    query = query.select_only().column(by).column(Column::Id);
    let query = match order {
        Order::Due => query.order_by_asc(by).order_by_asc(Column::Id),
        Order::Newest => query.order_by_desc(by).order_by_desc(Column::Id),
    };
    query.limit(limit)
}

async fn rows(
    tx: &Tx,
    ids: impl Iterator<Item = &str> + Clone,
) -> Result<HashMap<String, items::Model>> {
    let mut found = HashMap::new();
    let ids: Vec<&str> = ids.collect();
    for chunk in ids.chunks(super::CHUNK) {
        // The id of an item begins with its object's.
        let objects = chunk.iter().filter_map(|it| it.split_once('.'));
        let rows = tx
            .find::<items::Entity>()
            .filter(Column::Object.is_in(objects.map(|it| it.0)))
            .filter(Column::Id.is_in(chunk.iter().copied()));
        let rows = rows.all(tx.connection()).await?;
        found.extend(rows.into_iter().map(|it| (it.id.clone(), it)));
    }
    Ok(found)
}

/// How many there are of each act, programme, round and day, out of one pass over what waits.
pub(crate) async fn combined(tx: &Tx, queue: &Queue) -> Result<Vec<By>> {
    let query = facets(tx, queue).into_tuple();
    let counted: Vec<(String, String, i64, String, i64)> = query.all(tx.connection()).await?;
    let counted = counted.into_iter();
    counted
        .map(|(act, programme, round, on, count)| {
            Ok(By {
                act: Act::parse(&act).ok_or_else(|| corrupt("act"))?,
                programme: programme_of(&programme)?,
                round: i32::try_from(round).map_err(|_| corrupt("round"))?,
                on: match on.as_str() {
                    NO_DAY => None,
                    on => Some(day(on)?),
                },
                count,
            })
        })
        .collect()
}

pub(super) fn facets(tx: &Tx, queue: &Queue) -> Select<items::Entity> {
    narrowed(tx, queue)
        .select_only()
        .column(Column::Act)
        .column(Column::Programme)
        .column(Column::Round)
        .column(Column::RankOn)
        .expr_as(many(), "many")
        .group_by(Column::Act)
        .group_by(Column::Programme)
        .group_by(Column::Round)
        .group_by(Column::RankOn)
}

/// How many there are of each unit of so many digits; of a shorter one, if that is all there is of it.
pub(crate) async fn by_unit(tx: &Tx, queue: &Queue, digits: i32) -> Result<Vec<(String, i64)>> {
    let query = units(tx, queue, digits);
    Ok(query.into_tuple().all(tx.connection()).await?)
}

pub(super) fn units(tx: &Tx, queue: &Queue, digits: i32) -> Select<items::Entity> {
    let unit = || -> SimpleExpr {
        Func::cust("substr")
            .arg(Expr::col(Column::Village))
            // A literal: the same expression is grouped by, which no two parameters would be.
            .arg(Expr::cust("1"))
            .arg(Expr::cust(digits.to_string()))
            .into()
    };
    narrowed(tx, queue)
        .select_only()
        .expr_as(unit(), "unit")
        .expr_as(many(), "many")
        .group_by(unit())
}

/// How many rows, whatever is in them: an index that has not every column serves.
fn many() -> SimpleExpr {
    Func::count(Expr::col(Asterisk)).into()
}

/// The queue, and what it is narrowed to.
fn narrowed(tx: &Tx, queue: &Queue) -> Select<items::Entity> {
    let (filter, mut query) = (&queue.filter, tx.find::<items::Entity>());
    if tx.tenancy() == Tenancy::All {
        // An index begins with the county.
        query = query.filter(Column::Tenant.is_in(Tenant::all().iter().map(|it| it.as_str())));
    }
    query = query
        .filter(Column::Turn.eq(queue.desk.as_str()))
        .filter(Column::Unit.eq(queue.whose.as_str()));
    if !filter.acts.is_empty() {
        query = query.filter(Column::Act.is_in(filter.acts.iter().map(|it| it.as_str())));
    }
    if !filter.programmes.is_empty() {
        let programmes = filter.programmes.iter().map(|it| it.code());
        query = query.filter(Column::Programme.is_in(programmes));
    }
    if !filter.rounds.is_empty() {
        let rounds = filter.rounds.iter().map(|it| i64::from(*it));
        query = query.filter(Column::Round.is_in(rounds));
    }
    if !filter.decisions.is_empty() {
        let decisions = filter.decisions.iter().map(|it| it.code());
        query = query.filter(Column::Decision.is_in(decisions));
    }
    if !filter.units.is_empty() {
        let begins = filter.units.iter();
        let any = begins.map(|it| Column::Village.starts_with(it));
        query = query.filter(any.reduce(Expr::or).unwrap_or_else(|| Expr::val(true)));
    }
    if let Some(from) = filter.due_from {
        query = query.filter(Column::RankOn.gte(dates::format(from)));
    }
    if let Some(to) = filter.due_to {
        query = query.filter(Column::RankOn.lte(dates::format(to)));
    }
    if filter.due_from.is_some() || filter.due_to.is_some() {
        query = query.filter(Column::RankOn.lt(NO_DAY));
    }
    match stands_out(filter, queue.today) {
        Some(any) => query.filter(any),
        None => query,
    }
}

/// Any of what stands out that is asked for.
fn stands_out(filter: &Filter, today: Date) -> Option<Expr> {
    let bits = |bit: i64| (1..=WAITS | CONTRADICTED).filter(move |it| it & bit != 0);
    let waits = bits(if filter.waits { WAITS } else { 0 });
    let contradicted = bits(if filter.contradicted { CONTRADICTED } else { 0 });
    let mut flags: Vec<i64> = waits.chain(contradicted).collect();
    flags.sort_unstable();
    flags.dedup();
    let flagged = (!flags.is_empty()).then(|| Column::Flags.is_in(flags));
    let overdue = filter
        .overdue
        .then(|| Column::RankOn.lt(dates::format(today)));
    match (flagged, overdue) {
        (Some(flagged), Some(overdue)) => Some(flagged.or(overdue)),
        (flagged, overdue) => flagged.or(overdue),
    }
}

fn read(row: items::Model) -> Result<Item> {
    Ok(Item {
        tenant: Tenant::parse(&row.tenant).map_err(|_| corrupt("tenant"))?,
        collection: Collection::parse(&row.collection).ok_or_else(|| corrupt("collection"))?,
        object: Uuid::parse_str(&row.object).map_err(|_| corrupt("object"))?,
        desk: Desk::parse(&row.turn).ok_or_else(|| corrupt("turn"))?,
        whose: row.unit,
        act: Act::parse(&row.act).ok_or_else(|| corrupt("act"))?,
        programme: programme_of(&row.programme)?,
        round: i32::try_from(row.round).map_err(|_| corrupt("round"))?,
        state: known(&row.state, State::parse, "state")?,
        decision: known(&row.decision, Decision::parse, "decision")?,
        village: row.village.parse().map_err(|_| corrupt("village"))?,
        waits: row.flags & WAITS != 0,
        contradicted: row.flags & CONTRADICTED != 0,
        since: some_day(&row.since_on)?,
        days: Days {
            not_before: some_day(&row.not_before_on)?,
            due_on: some_day(&row.due_on)?,
            post_by: some_day(&row.post_by_on)?,
        },
    })
}

fn programme_of(text: &str) -> Result<Option<Programme>> {
    known(text, Programme::parse, "programme")
}

/// What a column says, if it says anything.
fn known<T>(text: &str, parse: impl Fn(&str) -> Option<T>, column: &str) -> Result<Option<T>> {
    if text.is_empty() {
        return Ok(None);
    }
    parse(text).map(Some).ok_or_else(|| corrupt(column))
}

fn some_day(text: &str) -> Result<Option<Date>> {
    (!text.is_empty()).then(|| day(text)).transpose()
}

fn day(text: &str) -> Result<Date> {
    dates::parse(text).map_err(|_| corrupt("day"))
}

fn corrupt(column: &str) -> Error {
    Error::fault(format!("work item: unreadable {column}"))
}
