//! Flags of missed duties and what became of them: append-only.

mod entity;
pub(crate) mod rounds;

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use time::Date;
use yuhui_kernel::dates;
use yuhui_platform::{Error, Result, db::Tx};

use self::entity::{flags, settlements};
use super::CHUNK;
use crate::domain::deadline::{Duty, Flag, Office};

/// Which flags a list is about.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    /// Duty, who has it, and the step from which its flags are shown.
    pub(crate) seen: Vec<(Duty, Office, i32)>,
    /// Digits every unit must begin with.
    pub(crate) unit_prefix: String,
    pub(crate) round: i32,
    pub(crate) include_settled: bool,
    pub(crate) after: Option<String>,
}

/// A flag, and when it was settled.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) flag: Flag,
    pub(crate) settled_on: Option<Date>,
}

/// A duty that was missed.
#[derive(Debug)]
pub(crate) struct Missed {
    /// What its flags have in common.
    pub(crate) episode: String,
    /// Name of the case, roster or notice.
    pub(crate) subject: String,
    pub(crate) duty: Duty,
}

/// Those of the keys that are flagged already.
pub(crate) async fn known(tx: &Tx, keys: &[String]) -> Result<HashSet<String>> {
    let mut known = HashSet::new();
    for chunk in keys.chunks(CHUNK) {
        let found: Vec<String> = tx
            .find::<flags::Entity>()
            .filter(flags::Column::Key.is_in(chunk.iter().map(String::as_str)))
            .select_only()
            .column(flags::Column::Key)
            .into_tuple()
            .all(tx.connection())
            .await?;
        known.extend(found);
    }
    Ok(known)
}

/// Keeps new flags.
pub(crate) async fn add(tx: &Tx, new: &[Flag]) -> Result<()> {
    let rows = new.iter().map(|it| flags::ActiveModel {
        tenant: NotSet,
        key: Set(it.key()),
        episode: Set(it.episode()),
        subject: Set(it.subject.clone()),
        duty: Set(it.duty.as_str().into()),
        office: Set(it.office.as_str().into()),
        unit: Set(it.unit.to_string()),
        round: Set(it.round.into()),
        due_on: Set(dates::format(it.due_on)),
        step: Set(it.step.into()),
        reached_on: Set(dates::format(it.reached_on)),
        flagged_on: Set(dates::format(it.flagged_on)),
    });
    tx.insert_all(rows.collect()).await
}

/// A page of what is flagged and not settled, one of each missed duty, by episode.
pub(crate) async fn unsettled(tx: &Tx, after: &str, limit: u64) -> Result<Vec<Missed>> {
    let rows: Vec<(String, String, String)> = open(tx)
        .filter(flags::Column::Episode.gt(after))
        .select_only()
        .column(flags::Column::Episode)
        .column(flags::Column::Subject)
        .column(flags::Column::Duty)
        .distinct()
        .order_by_asc(flags::Column::Episode)
        .limit(limit)
        .into_tuple()
        .all(tx.connection())
        .await?;
    let read = |(episode, subject, duty): (String, String, String)| {
        let duty = Duty::parse(&duty).ok_or_else(|| corrupt("duty"))?;
        Ok(Missed {
            episode,
            subject,
            duty,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Notes when missed duties were done after all or passed on.
pub(crate) async fn settle(tx: &Tx, settled: &[(String, Date)], noted_on: Date) -> Result<()> {
    let rows = settled
        .iter()
        .map(|(episode, on)| settlements::ActiveModel {
            tenant: NotSet,
            episode: Set(episode.clone()),
            settled_on: Set(dates::format(*on)),
            noted_on: Set(dates::format(noted_on)),
        });
    tx.insert_all(rows.collect()).await
}

/// A page of flags, by key.
pub(crate) async fn list(tx: &Tx, filter: &Filter, limit: u64) -> Result<Vec<Listed>> {
    let mut shown = Condition::any();
    for (duty, office, step) in &filter.seen {
        let one = Condition::all()
            .add(flags::Column::Duty.eq(duty.as_str()))
            .add(flags::Column::Office.eq(office.as_str()))
            .add(flags::Column::Step.gte(i64::from(*step)));
        shown = shown.add(one);
    }
    if shown.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = if filter.include_settled {
        tx.find::<flags::Entity>()
    } else {
        open(tx)
    };
    query = query.filter(shown);
    if !filter.unit_prefix.is_empty() {
        query = query.filter(flags::Column::Unit.starts_with(&filter.unit_prefix));
    }
    if filter.round != 0 {
        query = query.filter(flags::Column::Round.eq(i64::from(filter.round)));
    }
    if let Some(after) = &filter.after {
        query = query.filter(flags::Column::Key.gt(after));
    }
    let rows = query
        .order_by_asc(flags::Column::Key)
        .limit(limit)
        .all(tx.connection())
        .await?;
    let settled = settled(tx, rows.iter().map(|it| &*it.episode)).await?;
    let listed = rows.into_iter().map(|row| {
        let settled_on = settled.get(&row.episode).copied();
        let flag = read(row)?;
        Ok(Listed { flag, settled_on })
    });
    listed.collect()
}

/// Flags of duties that are not settled.
fn open(tx: &Tx) -> sea_orm::Select<flags::Entity> {
    let settled = tx
        .find::<settlements::Entity>()
        .select_only()
        .column(settlements::Column::Episode)
        .into_query();
    tx.find::<flags::Entity>()
        .filter(flags::Column::Episode.not_in_subquery(settled))
}

/// Which of these missed duties are settled, and when they were.
pub(crate) async fn settled(
    tx: &Tx,
    episodes: impl IntoIterator<Item = &str>,
) -> Result<HashMap<String, Date>> {
    let episodes: Vec<&str> = episodes.into_iter().collect();
    let mut settled = HashMap::new();
    for chunk in episodes.chunks(CHUNK) {
        let episodes = chunk.iter().copied();
        let found = tx
            .find::<settlements::Entity>()
            .filter(settlements::Column::Episode.is_in(episodes))
            .all(tx.connection())
            .await?;
        for row in found {
            settled.insert(row.episode, day(&row.settled_on)?);
        }
    }
    Ok(settled)
}

fn read(row: flags::Model) -> Result<Flag> {
    Ok(Flag {
        duty: Duty::parse(&row.duty).ok_or_else(|| corrupt("duty"))?,
        office: Office::parse(&row.office).ok_or_else(|| corrupt("office"))?,
        unit: row.unit.parse().map_err(|_| corrupt("unit"))?,
        round: i32::try_from(row.round).map_err(|_| corrupt("round"))?,
        due_on: day(&row.due_on)?,
        step: i32::try_from(row.step).map_err(|_| corrupt("step"))?,
        reached_on: day(&row.reached_on)?,
        flagged_on: day(&row.flagged_on)?,
        subject: row.subject,
    })
}

fn day(text: &str) -> Result<Date> {
    dates::parse(text).map_err(|_| corrupt("date"))
}

fn corrupt(field: &str) -> Error {
    Error::fault(format!("overdue flag: unreadable {field}"))
}
