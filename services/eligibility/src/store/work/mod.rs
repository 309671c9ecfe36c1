//! The work queue: what waits at which desk, written where what it is about is written.

mod entity;
mod read;

use sea_orm::{ActiveValue::Set, ColumnTrait, QueryFilter, QueryOrder, QuerySelect, TryIntoModel};
use time::Date;
use uuid::Uuid;
use yuhui_kernel::dates;
use yuhui_platform::{Error, Result, db::Tx};

use self::entity::items;
use super::{CHUNK, notices, review_requests};
use crate::domain::{
    Case, State,
    deadline::Year,
    turn::{Beside, Collection, Item, NO_DAY, has_decision_against},
};

pub(crate) use self::read::{Filter, Found, Order, Queue, by_unit, combined, list};

/// Bits of the column `flags`.
const WAITS: i64 = 1;
const CONTRADICTED: i64 = 2;

/// What waits on cases from now on, instead of what waited on them before; answers with it.
pub(super) async fn follow_cases(tx: &Tx, year: &Year<'_>, cases: &[&Case]) -> Result<Vec<Item>> {
    let items = of_cases(tx, year, cases).await?;
    let ids: Vec<Uuid> = cases.iter().map(|it| it.id).collect();
    replace(tx, &ids, &items).await?;
    Ok(items)
}

/// The same of one other thing.
pub(super) async fn follow(tx: &Tx, object: Uuid, item: Option<Item>) -> Result<()> {
    let item: Vec<Item> = item.into_iter().collect();
    replace(tx, &[object], &item).await
}

/// What waits on what is new.
pub(super) async fn add(tx: &Tx, items: &[Item]) -> Result<()> {
    tx.insert_all(items.iter().map(row).collect()).await
}

/// What waits on cases, as they stand.
pub(crate) async fn of_cases(tx: &Tx, year: &Year<'_>, cases: &[&Case]) -> Result<Vec<Item>> {
    let posted = cases.iter().filter(|it| it.state() == State::CNotice);
    let posted: Vec<Uuid> = posted.filter_map(|it| it.notice).collect();
    let ends = match posted.is_empty() {
        true => Default::default(),
        false => notices::ends(tx, &posted).await?,
    };
    let refused = cases.iter().filter(|it| has_decision_against(it));
    let refused: Vec<Uuid> = refused.map(|it| it.id).collect();
    let mut reviews = Vec::new();
    for chunk in refused.chunks(CHUNK) {
        reviews.extend(review_requests::pending(tx, chunk).await?);
    }
    let items = cases.iter().flat_map(|case| {
        let beside = Beside {
            notice_ends_on: case.notice.and_then(|it| ends.get(&it).copied()),
            under_review: reviews.iter().any(|it| it.case == case.id),
        };
        year.items_of_case(case, beside)
    });
    Ok(items.collect())
}

/// Those of some objects on which something else is written than `items`, which is what waits on all of them.
pub(crate) async fn differing(tx: &Tx, objects: &[Uuid], items: &[Item]) -> Result<Vec<Uuid>> {
    let wanted = items.iter().map(|it| row(it).try_into_model());
    let mut wanted: Vec<items::Model> = wanted.collect::<Result<_, _>>()?;
    let mut there: Vec<items::Model> = Vec::new();
    for chunk in objects.chunks(CHUNK) {
        let rows = tx
            .find::<items::Entity>()
            .filter(items::Column::Object.is_in(chunk.iter().map(Uuid::to_string)));
        there.extend(rows.all(tx.connection()).await?);
    }
    for rows in [&mut wanted, &mut there] {
        rows.sort_by(|a, b| (&a.object, &a.id).cmp(&(&b.object, &b.id)));
    }
    let of = |rows: &[items::Model], object: &str| -> Vec<items::Model> {
        let first = rows.partition_point(|it| it.object.as_str() < object);
        let own = rows.iter().skip(first).take_while(|it| it.object == object);
        own.cloned().collect()
    };
    let differ = objects.iter().filter(|id| {
        let id = id.to_string();
        of(&wanted, &id) != of(&there, &id)
    });
    Ok(differ.copied().collect())
}

/// A page of the objects on which something waits, by id.
pub(crate) async fn objects(tx: &Tx, after: &str, limit: u64) -> Result<Vec<(Collection, Uuid)>> {
    let rows = tx
        .find::<items::Entity>()
        .filter(items::Column::Object.gt(after))
        .select_only()
        .column(items::Column::Object)
        .column(items::Column::Collection)
        .distinct()
        .order_by_asc(items::Column::Object)
        .limit(limit);
    let rows: Vec<(String, String)> = rows.into_tuple().all(tx.connection()).await?;
    let unreadable = || Error::fault("work item: unreadable object");
    let objects = rows.into_iter().map(|(object, collection)| {
        let collection = Collection::parse(&collection).ok_or_else(unreadable)?;
        Ok((
            collection,
            Uuid::parse_str(&object).map_err(|_| unreadable())?,
        ))
    });
    objects.collect()
}

/// Writes what waits on those objects, which are locked, instead of what is written.
pub(crate) async fn replace(tx: &Tx, objects: &[Uuid], items: &[Item]) -> Result<()> {
    for chunk in objects.chunks(CHUNK) {
        tx.delete_where::<items::Entity>()
            .filter(items::Column::Object.is_in(chunk.iter().map(Uuid::to_string)))
            .exec(tx.connection())
            .await?;
    }
    add(tx, items).await
}

fn row(item: &Item) -> items::ActiveModel {
    let day = |day: Option<Date>| day.map(dates::format).unwrap_or_default();
    let rank_on = item.days.act_by().map(dates::format);
    items::ActiveModel {
        tenant: Set(item.tenant.as_str().into()),
        object: Set(item.object.to_string()),
        id: Set(item.id()),
        turn: Set(item.desk.as_str().into()),
        unit: Set(item.whose.clone()),
        rank_on: Set(rank_on.unwrap_or_else(|| NO_DAY.into())),
        since_on: Set(day(item.since)),
        act: Set(item.act.as_str().into()),
        programme: Set(item.programme.map_or("", |it| it.code()).into()),
        round: Set(item.round.into()),
        decision: Set(item.decision.map_or("", |it| it.code()).into()),
        village: Set(item.village.to_string()),
        flags: Set(flags(item.waits, item.contradicted)),
        collection: Set(item.collection.as_str().into()),
        state: Set(item.state.map_or("", State::as_str).into()),
        due_on: Set(day(item.days.due_on)),
        post_by_on: Set(day(item.days.post_by)),
        not_before_on: Set(day(item.days.not_before)),
    }
}

const fn flags(waits: bool, contradicted: bool) -> i64 {
    (if waits { WAITS } else { 0 }) | (if contradicted { CONTRADICTED } else { 0 })
}

#[cfg(test)]
mod tests;
