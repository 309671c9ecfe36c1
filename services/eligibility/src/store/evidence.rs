//! What determinations were made from: append-only, replayable.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use uuid::Uuid;
use yuhui_kernel::Calendar;
use yuhui_platform::{Error, Result, db::Tx};

use super::{
    CHUNK, calendars,
    entity::{evidence, fact_sheets},
};

/// One evaluation as stored.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    /// The case.
    pub(crate) case: Uuid,
    /// Its revision; 0 until it is written.
    pub(crate) sequence: i64,
    /// Facts without the registers' answers, JSON; kept once per content.
    pub(crate) facts: String,
    /// SHA-256 of `facts`, hex.
    pub(crate) digest: String,
    /// Everything else: answers, claim, progress, pack version, JSON.
    pub(crate) body: String,
    /// Canonical text of the determination with its findings, zlib.
    pub(crate) determination: Vec<u8>,
    /// Hash over the canonical evidence, hex.
    pub(crate) hash: String,
    /// The working days it rests on, if they are to be kept with it.
    pub(crate) calendar: Option<&'static Calendar>,
}

/// An evaluation that a case rests on from that revision on, and the digest of the facts that an earlier one
/// of the case rests on, which are kept already.
pub(crate) struct New<'a> {
    pub(crate) case: Uuid,
    pub(crate) revision: i64,
    pub(crate) stored: Stored,
    pub(crate) known_facts: Option<&'a str>,
}

/// Keeps evaluations, each of another case.
pub(crate) async fn append(tx: &Tx, new: Vec<New<'_>>) -> Result<()> {
    // Two cases may rest on the same facts, and a statement enters no row twice.
    let mut sheets = BTreeMap::new();
    let mut calendar = None;
    let mut rows = Vec::with_capacity(new.len());
    for it in new {
        let stored = it.stored;
        if it.known_facts != Some(stored.digest.as_str()) {
            sheets.insert(stored.digest.clone(), stored.facts);
        }
        calendar = stored.calendar.or(calendar);
        rows.push(evidence::ActiveModel {
            tenant: NotSet,
            case_id: Set(it.case.to_string()),
            sequence: Set(it.revision),
            fact_sheet: Set(stored.digest),
            body: Set(stored.body),
            determination: Set(stored.determination),
            hash: Set(stored.hash),
        });
    }
    let sheets = sheets
        .into_iter()
        .map(|(digest, body)| fact_sheets::ActiveModel {
            tenant: NotSet,
            digest: Set(digest),
            body: Set(body),
        });
    let key = [fact_sheets::Column::Tenant, fact_sheets::Column::Digest];
    let there = OnConflict::columns(key).do_nothing().to_owned();
    tx.write_all(sheets.collect(), &there).await?;
    if let Some(calendar) = calendar {
        calendars::keep(tx, calendar).await?;
    }
    tx.insert_all(rows).await
}

/// The evaluation of a case with that hash.
pub(crate) async fn find(tx: &Tx, case: Uuid, hash: &str) -> Result<Stored> {
    let query = tx
        .find::<evidence::Entity>()
        .filter(evidence::Column::CaseId.eq(case.to_string()))
        .filter(evidence::Column::Hash.eq(hash))
        .order_by_desc(evidence::Column::Sequence)
        .limit(1);
    let mut found = with_facts(tx, query.all(tx.connection()).await?).await?;
    found
        .pop()
        .ok_or_else(|| Error::fault(format!("evidence {hash} of case {case} is missing")))
}

/// The evaluations with those hashes of those cases; of one that was taken twice the later.
pub(crate) async fn standing(tx: &Tx, of: &[(Uuid, &str)]) -> Result<HashMap<Uuid, Stored>> {
    let mut found = HashMap::with_capacity(of.len());
    for chunk in of.chunks(CHUNK) {
        let wanted: HashMap<String, &str> = chunk
            .iter()
            .map(|(id, hash)| (id.to_string(), *hash))
            .collect();
        let query = tx
            .find::<evidence::Entity>()
            .filter(evidence::Column::CaseId.is_in(wanted.keys()))
            .filter(evidence::Column::Hash.is_in(wanted.values().copied()))
            .order_by_asc(evidence::Column::Sequence);
        let mut rows = query.all(tx.connection()).await?;
        rows.retain(|it| wanted.get(&it.case_id) == Some(&it.hash.as_str()));
        let rows = with_facts(tx, rows).await?;
        found.extend(rows.into_iter().map(|it| (it.case, it)));
    }
    Ok(found)
}

/// Every evaluation of those cases, in the order they were taken.
pub(crate) async fn of(tx: &Tx, cases: &[Uuid]) -> Result<Vec<Stored>> {
    let mut found = Vec::new();
    for chunk in cases.chunks(CHUNK) {
        let ids = chunk.iter().map(Uuid::to_string);
        let query = tx
            .find::<evidence::Entity>()
            .filter(evidence::Column::CaseId.is_in(ids))
            .order_by_asc(evidence::Column::CaseId)
            .order_by_asc(evidence::Column::Sequence);
        found.extend(with_facts(tx, query.all(tx.connection()).await?).await?);
    }
    Ok(found)
}

/// The evaluations put together with their facts.
async fn with_facts(tx: &Tx, rows: Vec<evidence::Model>) -> Result<Vec<Stored>> {
    let mut digests: Vec<&str> = rows.iter().map(|it| it.fact_sheet.as_str()).collect();
    digests.sort_unstable();
    digests.dedup();
    let mut sheets = HashMap::with_capacity(digests.len());
    for chunk in digests.chunks(CHUNK) {
        let query = tx
            .find::<fact_sheets::Entity>()
            .filter(fact_sheets::Column::Digest.is_in(chunk.iter().copied()));
        let found = query.all(tx.connection()).await?;
        sheets.extend(found.into_iter().map(|it| (it.digest, it.body)));
    }
    rows.into_iter()
        .map(|row| {
            let corrupt = |what: &str| Error::fault(format!("evidence {}: {what}", row.hash));
            let facts = sheets.get(&row.fact_sheet);
            Ok(Stored {
                case: Uuid::parse_str(&row.case_id).map_err(|_| corrupt("no case"))?,
                sequence: row.sequence,
                facts: facts.ok_or_else(|| corrupt("no facts"))?.clone(),
                digest: row.fact_sheet,
                body: row.body,
                determination: row.determination,
                hash: row.hash,
                calendar: None,
            })
        })
        .collect()
}
