//! The city book, kept behind the county books.
//!
//! A transaction touches the rows of one tenant, so a county's posting and the city's cannot
//! be one. The city book is therefore a projection: each county journal that touches the city
//! is posted to it by a second transaction, which carries the county's sequence number. That
//! number is unique in the city book and the next one to mirror is read under the city book's
//! lock: repeated, concurrent or interrupted runs post each journal once and in order. The
//! county journals are append-only, so they are the queue; nothing can be lost between the two
//! commits, only be late. An event to oneself would have needed a payload in the contract for
//! something no other service may see.

use std::collections::{BTreeMap, btree_map::Entry};

use sea_orm::{ColumnTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use yuhui_kernel::{Tenant, city};
use yuhui_platform::{
    Caller, Clock, Result, audit,
    db::{Database, Tenancy, Tx},
    jobs::Lease,
};

use super::{
    book::{OpenBook, city_line, refused},
    entity::{entry, journal},
    row,
};
use crate::{
    NAME,
    domain::book::{CityBook, CityEvent, Journal, city},
    domain::name,
};

/// County journals carried at a time.
const BATCH: u64 = 200;
/// Events that may touch the city; [`city::mirror`] decides.
const TOUCHING: [&str; 4] = [
    "RECOGNISE_SHARES",
    "RECEIVE_CITY",
    "TERMINATE_UNPAID",
    "REMIT_CITY",
];

/// Brings the city book up to date with one county's journals; under `lease` only while that is held.
pub async fn follow(
    db: &Database,
    clock: &Clock,
    county: Tenant,
    lease: Option<&Lease>,
) -> Result<()> {
    let tx = db.read(Tenancy::City).await?;
    let mut after = mirrored(&tx, county.as_str()).await?;
    drop(tx);
    loop {
        let tx = db.read(county).await?;
        let waiting = touching(&tx, county.as_str(), after).await?;
        drop(tx);
        if !waiting.journals.is_empty() {
            post(db, clock, county, &waiting.journals, lease).await?;
        }
        match waiting.more_after {
            Some(last) => after = last,
            None => return Ok(()),
        }
    }
}

/// County journals that touch the city.
pub struct Waiting {
    /// The journals, with what they mean to the city.
    pub journals: Vec<(Journal, CityEvent)>,
    /// Where to read on, if there may be more.
    pub more_after: Option<i64>,
}

/// The last journal of `county` that the city book has; `tx` must see the city's rows.
pub async fn mirrored(tx: &Tx, county: &str) -> Result<i64> {
    let last = tx
        .find::<journal::Entity>()
        .filter(journal::Column::Tenant.eq(city().to_string()))
        .filter(journal::Column::County.eq(county))
        .order_by_desc(journal::Column::Mirrors)
        .one(tx.connection())
        .await?;
    Ok(last.and_then(|it| it.mirrors).unwrap_or(0))
}

/// Journals of `county` after `cursor` that touch the city.
pub async fn touching(tx: &Tx, county: &str, cursor: i64) -> Result<Waiting> {
    let rows = tx
        .find::<journal::Entity>()
        .filter(journal::Column::Tenant.eq(county))
        .filter(journal::Column::Sequence.gt(cursor))
        .filter(journal::Column::Event.is_in(TOUCHING))
        .order_by_asc(journal::Column::Sequence)
        .limit(BATCH)
        .all(tx.connection())
        .await?;
    let is_full = u64::try_from(rows.len()).is_ok_and(|it| it == BATCH);
    let last = rows.last().map(|it| it.sequence);
    let mut waiting = Waiting {
        journals: Vec::new(),
        more_after: last.filter(|_| is_full),
    };
    for found in rows {
        let entries = entries(tx, &found).await?;
        let journal = row::journal(&found, &entries)?;
        let event = journal.ledger_event();
        if let Some(event) = event.and_then(|it| city::mirror(&it, &journal.entries)) {
            waiting.journals.push((journal, event));
        }
    }
    Ok(waiting)
}

async fn entries(tx: &Tx, journal: &journal::Model) -> Result<Vec<entry::Model>> {
    Ok(tx
        .find::<entry::Entity>()
        .filter(entry::Column::Tenant.eq(&journal.tenant))
        .filter(entry::Column::Sequence.eq(journal.sequence))
        .order_by_asc(entry::Column::Position)
        .all(tx.connection())
        .await?)
}

async fn post(
    db: &Database,
    clock: &Clock,
    county: Tenant,
    journals: &[(Journal, CityEvent)],
    lease: Option<&Lease>,
) -> Result<()> {
    let tx = db.begin(Tenancy::City).await?;
    if let Some(lease) = lease {
        lease.check(&tx).await?;
    }
    let mut book = OpenBook::open(&tx).await?;
    let first = book.next_sequence();
    // Read again, now that nobody else can write: another run may have been faster.
    let cursor = mirrored(&tx, county.as_str()).await?;
    let mut lines: BTreeMap<i32, CityBook> = BTreeMap::new();
    for (of_county, event) in journals.iter().filter(|(it, _)| it.sequence > cursor) {
        let line = match lines.entry(of_county.round) {
            Entry::Occupied(line) => line.into_mut(),
            Entry::Vacant(empty) => {
                empty.insert(city_line(&tx, county.as_str(), of_county.round).await?)
            }
        };
        let posting = line.post(*event).map_err(refused)?;
        let journal = Journal {
            book: tx.scope().to_owned(),
            sequence: book.next_sequence(),
            county: county.as_str().to_owned(),
            event: event.name().to_owned(),
            programme: None,
            amount: event.amount(),
            origin: name::journal(county.as_str(), of_county.sequence),
            entries: posting.entries,
            ..of_county.clone()
        };
        let changed = journal.entries.iter().map(|it| it.account);
        let balances: Vec<_> = changed.map(|it| (it, line.balance(it))).collect();
        book.append(&journal, Some(of_county.sequence), &balances)
            .await?;
    }
    let posted = book.next_sequence() - first;
    if posted == 0 {
        return Ok(());
    }
    let entry = audit::Entry::new("funding.city.follow", format!("counties/{county}"));
    let entry = entry.after(&serde_json::json!({ "first_journal": first, "journals": posted }));
    let caller = Caller::service(NAME, None);
    audit::record(&tx, &caller, clock.now(), entry).await?;
    tx.commit().await
}
