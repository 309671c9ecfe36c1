//! What was acknowledged, compared with what is there. A chain tells that nothing
//! was changed or left out; a store that lost its last hour, or was put back to
//! the day before, has whole chains all the same. What others were told meanwhile
//! tells of it: answers that were kept, and events that somebody has taken.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use uuid::Uuid;

use crate::{
    Error, Result,
    db::{Database, Tx},
    idempotency, inbox, outbox,
};

/// Rows looked at together.
const BATCH: u64 = 500;

/// Objects that stay for good once they are made: of one collection, in the
/// table that keeps them by `tenant` and `id`.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// As names say it: `…/{collection}/{id}`.
    pub collection: &'static str,
    /// The table.
    pub table: &'static str,
    /// Whether the column `id` is a UUID; text otherwise.
    pub uuid: bool,
}

/// Names in the answers given in the county of `tx`, of its objects of `kept`
/// that are not there.
pub async fn missing(tx: &Tx, kept: &[Kept]) -> Result<Vec<String>> {
    let county = format!("counties/{}/", tx.scope());
    let mut missing = Vec::new();
    let mut after = None;
    loop {
        let answers = idempotency::kept(tx, after, BATCH).await?;
        let Some(last) = answers.last() else {
            return Ok(missing);
        };
        after = Some(last.place());
        let mut names: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
        for name in answers.iter().map(|it| it.object().to_owned()) {
            let Some((rest, id)) = name.rsplit_once('/') else {
                continue;
            };
            if !rest.starts_with(&county) {
                continue;
            }
            let collection = rest.rsplit('/').next().unwrap_or_default();
            if let Some(kept) = kept.iter().find(|it| it.collection == collection) {
                let of_table = names.entry(kept.collection).or_default();
                of_table.insert(id.to_owned(), name);
            }
        }
        for kept in kept {
            let Some(names) = names.remove(kept.collection) else {
                continue;
            };
            let there = ids(tx, *kept, names.keys()).await?;
            let lost = names.into_iter().filter(|(id, _)| !there.contains(id));
            missing.extend(lost.map(|(_, name)| name));
        }
    }
}

/// Ids of events that `destination` has acknowledged, of the tenant of `sent` and
/// of its service, `source`, and that `receiver`, its database, does not know any
/// more. Of those that were applied long ago it knows how many there were.
pub async fn forgotten(
    sent: &Tx,
    source: &str,
    destination: &str,
    receiver: &Database,
) -> Result<Vec<String>> {
    let mut forgotten = Vec::new();
    let mut after = 0;
    loop {
        let events = outbox::delivered(sent, destination, after, BATCH).await?;
        let Some(last) = events.last() else {
            return Ok(forgotten);
        };
        after = last.seq;
        // Begun after the events were read: what was delivered by then is in it.
        let received = receiver.read(sent.tenancy()).await?;
        let unknown = inbox::unknown(&received, source, events).await?;
        forgotten.extend(unknown.into_iter().map(|it| it.event_id));
    }
}

/// Those of `ids` that the table has.
async fn ids(tx: &Tx, kept: Kept, ids: impl Iterator<Item = &String>) -> Result<BTreeSet<String>> {
    let mut values: Vec<sea_orm::Value> = vec![tx.scope().into()];
    for id in ids {
        match (kept.uuid, Uuid::parse_str(id)) {
            (false, _) => values.push(id.clone().into()),
            (true, Ok(id)) => values.push(id.into()),
            // No row can have it.
            (true, Err(_)) => {}
        }
    }
    if values.len() == 1 {
        return Ok(BTreeSet::new());
    }
    let backend = tx.get_database_backend();
    let places = (2..=values.len()).map(|at| match backend {
        DbBackend::Postgres => format!("${at}"),
        _ => "?".to_owned(),
    });
    let places = places.collect::<Vec<_>>().join(", ");
    let tenant = match backend {
        DbBackend::Postgres => "$1",
        _ => "?",
    };
    let sql = format!(
        "SELECT id FROM {} WHERE tenant = {tenant} AND id IN ({places})",
        kept.table
    );
    let found = Statement::from_sql_and_values(backend, sql, values);
    let rows = tx.query_all_raw(found).await?;
    let read = |row: &sea_orm::QueryResult| -> std::result::Result<String, sea_orm::DbErr> {
        match kept.uuid {
            true => row.try_get_by_index::<Uuid>(0).map(|id| id.to_string()),
            false => row.try_get_by_index(0),
        }
    };
    rows.iter()
        .map(|row| read(row).map_err(Error::from))
        .collect()
}
