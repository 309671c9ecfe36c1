//! Pages of a list of cases. A page is found in two steps: its ids out of an index that holds everything a list is
//! narrowed to, then the cases by their key.

use sea_orm::{
    ColumnTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait as _},
};
use time::Date;
use yuhui_kernel::dates;
use yuhui_platform::{Error, Result, db::Tx};
use yuhui_policy::{Decision, Programme};

use super::{CHUNK, Column, Entity, KEPT_BACK, WAITS};
use crate::domain::{State, turn::NO_DAY};

/// Digits of a village's code: nothing lies below it.
const VILLAGE_DIGITS: usize = 12;

/// What a list is narrowed to; empty parts narrow nothing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// Digits every unit must begin with, as far as the caller reaches.
    pub(crate) within: String,
    /// The claimant, where he lists his own.
    pub(crate) claimant: Option<String>,
    pub(crate) states: Vec<State>,
    pub(crate) programmes: Vec<Programme>,
    pub(crate) rounds: Vec<i32>,
    /// Codes that units begin with.
    pub(crate) units: Vec<String>,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) reasons: Vec<String>,
    pub(crate) proposals: Vec<String>,
    pub(crate) due_from: Option<Date>,
    pub(crate) due_to: Option<Date>,
    /// Before that day something had to be done. Any of the three.
    pub(crate) overdue: Option<Date>,
    pub(crate) waits: bool,
    pub(crate) kept_back: bool,
    /// Microseconds since 1970.
    pub(crate) changed_since: Option<i64>,
    pub(crate) sought: Option<Sought>,
}

/// What one looks for by a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sought {
    /// A receipt number.
    Receipt(String),
    /// Blind references of claimant, child or institution: a number may be both a person's and an institution's.
    Number(Vec<String>),
    /// Keyed hash of a name.
    Name(String),
}

/// In which order cases are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// By id.
    Name,
    /// What changed last comes first.
    Newest,
    /// What is due first comes first.
    Due,
    /// What was lodged first comes first.
    Lodged,
}

/// What orders a case, and its id.
type Key = (String, String);

/// Keys and ids of a page, after a key of a case before it. Where few cases can be on the list at all, these are found
/// first and put in order here: a store that is asked for the first fifty in an order goes by that order, and looks at
/// the whole county for the three of one person.
pub(crate) async fn page(
    tx: &Tx,
    filter: &Filter,
    order: Order,
    after: Option<(&str, &str)>,
    limit: u64,
) -> Result<Vec<Key>> {
    let few = few(filter);
    if few.is_empty() {
        let query = ids(tx, filter, order, after, limit)?;
        return keys(tx, query, order).await;
    }
    let mut among: Vec<String> = Vec::new();
    for (column, value) in few {
        let query = with(tx, column, value).into_tuple();
        among.extend(query.all(tx.connection()).await?);
    }
    among.sort_unstable();
    among.dedup();
    let mut found = Vec::new();
    for chunk in among.chunks(CHUNK) {
        found.extend(keys(tx, of(tx, filter, order, chunk), order).await?);
    }
    in_order(&mut found, order);
    if let Some(after) = after {
        let after = (after.0.to_owned(), after.1.to_owned());
        found.retain(|it| it != &after && comes_first(&after, it, order));
    }
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// Columns of which few cases have that value; no column if many may be on the list.
pub(super) fn few(filter: &Filter) -> Vec<(Column, &str)> {
    let is_village = filter.within.len() == VILLAGE_DIGITS;
    match (&filter.sought, &filter.claimant) {
        (Some(Sought::Receipt(it)), _) => vec![(Column::ReceiptNumber, it)],
        (Some(Sought::Name(it)), _) => vec![(Column::NameRef, it)],
        (Some(Sought::Number(all)), _) => {
            let each = all.iter().map(String::as_str);
            each.flat_map(|it| [(Column::ClaimantRef, it), (Column::SubjectRef, it)])
                .collect()
        }
        (None, Some(it)) => vec![(Column::ClaimantRef, it)],
        (None, None) if is_village => vec![(Column::Unit, &filter.within)],
        (None, None) => Vec::new(),
    }
}

/// Ids of the cases with that value.
pub(super) fn with(tx: &Tx, column: Column, value: &str) -> Select<Entity> {
    tx.find::<Entity>()
        .filter(column.eq(value))
        .select_only()
        .column(Column::Id)
}

/// What is on the list of those cases, in no order.
pub(super) fn of(tx: &Tx, filter: &Filter, order: Order, ids: &[String]) -> Select<Entity> {
    narrowed(tx.find::<Entity>(), filter)
        .filter(Column::Id.is_in(ids))
        .select_only()
        .column(leading(order))
        .column_as(Column::Id, "case_id")
}

const fn leading(order: Order) -> Column {
    match order {
        Order::Name => Column::Id,
        Order::Newest => Column::ChangedAt,
        Order::Due => Column::RankOn,
        Order::Lodged => Column::LodgedOn,
    }
}

pub(super) async fn keys(tx: &Tx, query: Select<Entity>, order: Order) -> Result<Vec<Key>> {
    if order == Order::Newest {
        let found: Vec<(i64, String)> = query.into_tuple().all(tx.connection()).await?;
        let found = found.into_iter().map(|(at, id)| (at.to_string(), id));
        return Ok(found.collect());
    }
    Ok(query.into_tuple().all(tx.connection()).await?)
}

fn in_order(found: &mut [Key], order: Order) {
    match order {
        Order::Newest => found.sort_unstable_by(|one, other| newest(other).cmp(&newest(one))),
        Order::Name | Order::Due | Order::Lodged => found.sort_unstable(),
    }
}

/// Whether one comes before the other.
fn comes_first(one: &Key, other: &Key, order: Order) -> bool {
    match order {
        Order::Newest => newest(one) > newest(other),
        Order::Name | Order::Due | Order::Lodged => one < other,
    }
}

fn newest((at, id): &Key) -> (i64, &str) {
    (at.parse().unwrap_or_default(), id)
}

/// Leading column and id of the cases of a page.
pub(super) fn ids(
    tx: &Tx,
    filter: &Filter,
    order: Order,
    after: Option<(&str, &str)>,
    limit: u64,
) -> Result<Select<Entity>> {
    let mut query = narrowed(tx.find::<Entity>(), filter);
    let by = leading(order);
    if let Some((key, id)) = after {
        let place = || Expr::tuple([Expr::col(by), Expr::col(Column::Id)]);
        query = query.filter(match order {
            Order::Name => Column::Id.gt(id),
            Order::Newest => {
                let at: i64 = key
                    .parse()
                    .map_err(|_| Error::fault("case list: unreadable key"))?;
                place().lt(Expr::tuple([Expr::val(at), Expr::val(id)]))
            }
            Order::Due | Order::Lodged => place().gt(Expr::tuple([Expr::val(key), Expr::val(id)])),
        });
    }
    query = query
        .select_only()
        .column(by)
        .column_as(Column::Id, "case_id");
    let query = match order {
        Order::Name => query.order_by_asc(Column::Id),
        Order::Newest => query.order_by_desc(by).order_by_desc(Column::Id),
        Order::Due | Order::Lodged => query.order_by_asc(by).order_by_asc(Column::Id),
    };
    Ok(query.limit(limit))
}

/// What a list is narrowed to.
fn narrowed(mut query: Select<Entity>, filter: &Filter) -> Select<Entity> {
    if !filter.within.is_empty() {
        query = query.filter(within(&filter.within));
    }
    if let Some(claimant) = &filter.claimant {
        query = query.filter(Column::ClaimantRef.eq(claimant));
    }
    if !filter.states.is_empty() {
        query = query.filter(Column::State.is_in(filter.states.iter().map(|it| it.as_str())));
    }
    if !filter.programmes.is_empty() {
        let programmes = filter.programmes.iter().map(|it| it.code());
        query = query.filter(Column::Programme.is_in(programmes));
    }
    if !filter.rounds.is_empty() {
        let rounds = filter.rounds.iter().map(|it| i64::from(*it));
        query = query.filter(Column::Round.is_in(rounds));
    }
    if !filter.units.is_empty() {
        let any = filter.units.iter().map(|it| within(it)).reduce(Expr::or);
        query = query.filter(any.unwrap_or_else(|| Expr::val(true)));
    }
    if !filter.decisions.is_empty() {
        let decisions = filter.decisions.iter().map(|it| it.code());
        query = query.filter(Column::Decision.is_in(decisions));
    }
    if !filter.reasons.is_empty() {
        query = query.filter(Column::Reason.is_in(&filter.reasons));
    }
    if !filter.proposals.is_empty() {
        query = query.filter(Column::Proposal.is_in(&filter.proposals));
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
    if let Some(since) = filter.changed_since {
        query = query.filter(Column::ChangedAt.gte(since));
    }
    query = match &filter.sought {
        Some(Sought::Receipt(number)) => query.filter(Column::ReceiptNumber.eq(number)),
        Some(Sought::Name(name)) => query.filter(Column::NameRef.eq(name)),
        Some(Sought::Number(_)) | None => query,
    };
    match stands_out(filter) {
        Some(any) => query.filter(any),
        None => query,
    }
}

/// The unit itself, or it and those below.
fn within(unit: &str) -> Expr {
    match unit.len() {
        VILLAGE_DIGITS => Column::Unit.eq(unit),
        _ => Column::Unit.starts_with(unit),
    }
}

/// Any of what stands out that is asked for.
fn stands_out(filter: &Filter) -> Option<Expr> {
    let asked =
        (if filter.waits { WAITS } else { 0 }) | (if filter.kept_back { KEPT_BACK } else { 0 });
    let flags = (1..=WAITS | KEPT_BACK).filter(|it| it & asked != 0);
    let flagged = (asked != 0).then(|| Column::Flags.is_in(flags));
    let overdue = filter
        .overdue
        .map(|today| Column::RankOn.lt(dates::format(today)));
    match (flagged, overdue) {
        (Some(flagged), Some(overdue)) => Some(flagged.or(overdue)),
        (flagged, overdue) => flagged.or(overdue),
    }
}
