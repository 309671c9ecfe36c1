//! Balances, shares and journals as they are shown.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use yuhui_kernel::Money;
use yuhui_platform::{Error, Result, db::Tx};

use super::{
    entity::{balance, entry, journal, round},
    row,
};
use crate::domain::book::{Account, Journal, RoundBook};

/// Balances of a whole book, all rounds together; nought left out.
pub async fn trial_balance(tx: &Tx) -> Result<BTreeMap<Account, Money>> {
    let rows = tx.find::<balance::Entity>().all(tx.connection()).await?;
    let mut balances: BTreeMap<Account, Money> = BTreeMap::new();
    for found in &rows {
        let (account, amount) = row::balance(found)?;
        let sum = balances.entry(account).or_default();
        *sum = sum
            .checked_add(amount)
            .ok_or_else(|| Error::fault("a balance does not fit"))?;
    }
    balances.retain(|_, it| !it.is_zero());
    Ok(balances)
}

/// The county books of one round, or of all, by county and round.
pub async fn rounds(tx: &Tx, only: Option<i32>) -> Result<Vec<(String, i32, RoundBook)>> {
    let mut rounds = tx
        .find::<round::Entity>()
        .order_by_asc(round::Column::Tenant)
        .order_by_asc(round::Column::Round);
    let mut balances = tx.find::<balance::Entity>();
    if let Some(only) = only {
        rounds = rounds.filter(round::Column::Round.eq(only));
        balances = balances.filter(balance::Column::Round.eq(only));
    }
    let rounds = rounds.all(tx.connection()).await?;
    let mut by_round: BTreeMap<(String, i32), Vec<balance::Model>> = BTreeMap::new();
    for found in balances.all(tx.connection()).await? {
        let key = (found.tenant.clone(), found.round);
        by_round.entry(key).or_default().push(found);
    }
    rounds
        .into_iter()
        .map(|found| {
            let key = (found.tenant.clone(), found.round);
            let balances = by_round.remove(&key).unwrap_or_default();
            Ok((key.0, key.1, row::round(&found, &balances)?))
        })
        .collect()
}

/// A journal with the hashes stored beside it, in hex.
pub struct Chained {
    /// The journal; an error if what is stored cannot be read as one.
    pub journal: Result<Journal>,
    /// Place in the book.
    pub sequence: i64,
    /// Hash before it.
    pub previous_hash: String,
    /// Its hash.
    pub hash: String,
}

/// Journals of `book` after `after`, oldest first.
pub async fn journals(tx: &Tx, book: &str, after: i64, limit: u64) -> Result<Vec<Chained>> {
    let rows = tx
        .find::<journal::Entity>()
        .filter(journal::Column::Tenant.eq(book))
        .filter(journal::Column::Sequence.gt(after))
        .order_by_asc(journal::Column::Sequence)
        .limit(limit)
        .all(tx.connection())
        .await?;
    let Some(last) = rows.last().map(|it| it.sequence) else {
        return Ok(Vec::new());
    };
    let entries = tx
        .find::<entry::Entity>()
        .filter(entry::Column::Tenant.eq(book))
        .filter(entry::Column::Sequence.gt(after))
        .filter(entry::Column::Sequence.lte(last))
        .order_by_asc(entry::Column::Sequence)
        .order_by_asc(entry::Column::Position)
        .all(tx.connection())
        .await?;
    let mut of_journal: BTreeMap<i64, Vec<entry::Model>> = BTreeMap::new();
    for found in entries {
        of_journal.entry(found.sequence).or_default().push(found);
    }
    let read = rows.into_iter().map(|found| {
        let entries = of_journal.remove(&found.sequence).unwrap_or_default();
        Chained {
            journal: row::journal(&found, &entries),
            sequence: found.sequence,
            previous_hash: found.previous_hash,
            hash: found.hash,
        }
    });
    Ok(read.collect())
}
