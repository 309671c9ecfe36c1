//! Writing into a book: under its lock, journal, entries, balances and totals together.

use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, Iterable as _,
    QueryFilter as _, QuerySelect as _, sea_query::OnConflict,
};
use yuhui_kernel::{Date, Money, dates};
use yuhui_platform::{Error, Result, db::Tx};

use super::{
    entity::{balance, entry, head, journal, round},
    row,
};
use crate::{
    domain::book::{
        Account, CityBook, CityEvent, Journal, LedgerEvent, Posting, Refused, ResidualBearer,
        RoundBook,
        chain::{self, GENESIS, Hash},
    },
    refusal::Refusal,
};

/// What a journal says of where it came from.
#[derive(Clone, Debug)]
pub struct Cause {
    /// Resource name of a roster, batch, case or proposal.
    pub source: String,
    /// Account, or service.
    pub actor: String,
    /// Id of the event or request.
    pub origin: String,
    /// Business date.
    pub posted_on: Date,
}

/// A refusal of the book as the service's; a broken invariant is a fault of the system.
pub fn refused(refused: Refused) -> Error {
    match refused {
        Refused::Broken(what) => Error::fault(format!("the book would break: {what}")),
        other => Refusal::Book(other).into(),
    }
}

/// The book of the tenant a transaction is bound to, locked until the transaction ends.
pub struct OpenBook<'a> {
    tx: &'a Tx,
    sequence: i64,
    hash: Hash,
}

impl<'a> OpenBook<'a> {
    /// Locks the book. To be called before anything is read that a posting depends on.
    pub async fn open(tx: &'a Tx) -> Result<Self> {
        let locked = || {
            let head = tx.find::<head::Entity>().lock_exclusive();
            head.one(tx.connection())
        };
        let mut found = locked().await?;
        if found.is_none() {
            let first = head::ActiveModel {
                tenant: Set(tx.scope().to_owned()),
                sequence: Set(0),
                hash: Set(hex::encode(GENESIS)),
            };
            head::Entity::insert(first)
                .on_conflict_do_nothing()
                .exec_without_returning(tx.connection())
                .await?;
            found = locked().await?;
        }
        let head = found.ok_or_else(|| Error::fault("the head of the book is missing"))?;
        let mut hash = GENESIS;
        hex::decode_to_slice(&head.hash, &mut hash)
            .map_err(|error| Error::fault(format!("head of the book: {error}")))?;
        Ok(Self {
            tx,
            sequence: head.sequence,
            hash,
        })
    }

    /// The book of a round; an empty one, in which `bearer` bears the odd fen, if nothing was
    /// posted yet.
    pub async fn round(&self, number: i32, bearer: ResidualBearer) -> Result<RoundBook> {
        let found = round(self.tx, number).await?;
        Ok(found.unwrap_or_else(|| RoundBook::new(bearer)))
    }

    /// Posts an event to a round; answers the sequence number of the journal.
    pub async fn post(
        &mut self,
        number: i32,
        book: &mut RoundBook,
        event: &LedgerEvent,
        cause: &Cause,
    ) -> Result<i64> {
        let posting = book.post(event).map_err(refused)?;
        let county = self.tx.scope();
        let changed = posting.entries.iter().map(|it| it.account);
        let balances: Vec<_> = changed.map(|it| (it, book.balance(it))).collect();
        let journal = Journal {
            book: county.to_owned(),
            sequence: self.sequence + 1,
            county: county.to_owned(),
            round: number,
            event: event.name().to_owned(),
            programme: event.programme(),
            amount: event.amount().unwrap_or_default(),
            posted_on: cause.posted_on,
            source: cause.source.clone(),
            actor: cause.actor.clone(),
            origin: cause.origin.clone(),
            entries: posting.entries,
        };
        self.append(&journal, None, &balances).await?;
        save_totals(self.tx, number, book).await?;
        Ok(self.sequence)
    }

    /// Posts to the budget of the city's own finance office, which is on no county's line of its book.
    pub async fn post_city_budget(
        &mut self,
        number: i32,
        event: CityEvent,
        cause: &Cause,
    ) -> Result<i64> {
        let city = self.tx.scope();
        let mut line = city_line(self.tx, city, number).await?;
        let posting = line.post(event).map_err(refused)?;
        let changed = posting.entries.iter().map(|it| it.account);
        let balances: Vec<_> = changed.map(|it| (it, line.balance(it))).collect();
        let journal = Journal {
            book: city.to_owned(),
            sequence: self.next_sequence(),
            county: city.to_owned(),
            round: number,
            event: event.name().to_owned(),
            programme: None,
            amount: event.amount(),
            posted_on: cause.posted_on,
            source: cause.source.clone(),
            actor: cause.actor.clone(),
            origin: cause.origin.clone(),
            entries: posting.entries,
        };
        self.append(&journal, None, &balances).await?;
        Ok(self.sequence)
    }

    /// The place the next journal takes.
    #[must_use]
    pub fn next_sequence(&self) -> i64 {
        self.sequence + 1
    }

    /// Writes a journal at the end of the chain, and the balances after it.
    pub async fn append(
        &mut self,
        journal: &Journal,
        mirrors: Option<i64>,
        balances: &[(Account, Money)],
    ) -> Result<()> {
        let posting = Posting {
            entries: journal.entries.clone(),
        };
        if !posting.balances() || journal.sequence != self.next_sequence() {
            return Err(Error::fault("a journal is unbalanced or out of order"));
        }
        let hash = chain::hash(&self.hash, journal);
        let row = journal_row(journal, mirrors, &self.hash, &hash);
        self.tx.insert(row.into_active_model()).await?;
        let entries = journal.entries.iter().zip(0..);
        let entries = entries.map(|(it, position)| entry::ActiveModel {
            tenant: Set(String::new()),
            sequence: Set(journal.sequence),
            position: Set(position),
            account: Set(it.account.number()),
            debit_fen: Set(it.debit.fen()),
            credit_fen: Set(it.credit.fen()),
        });
        self.tx.insert_all(entries.collect()).await?;
        save_balances(self.tx, &journal.county, journal.round, balances).await?;
        self.tx
            .update(head::ActiveModel {
                tenant: Set(String::new()),
                sequence: Set(journal.sequence),
                hash: Set(hex::encode(hash)),
            })
            .await?;
        (self.sequence, self.hash) = (journal.sequence, hash);
        Ok(())
    }
}

fn journal_row(
    journal: &Journal,
    mirrors: Option<i64>,
    previous: &Hash,
    hash: &Hash,
) -> journal::Model {
    journal::Model {
        tenant: journal.book.clone(),
        sequence: journal.sequence,
        county: journal.county.clone(),
        round: journal.round,
        event: journal.event.clone(),
        programme: journal.programme.map(|it| it.code().to_owned()),
        amount_fen: journal.amount.fen(),
        mirrors,
        posted_on: dates::format(journal.posted_on),
        source: journal.source.clone(),
        actor: journal.actor.clone(),
        origin: journal.origin.clone(),
        previous_hash: hex::encode(previous),
        hash: hex::encode(hash),
    }
}

/// The city's line for a county and round; its own budget is under its own code.
pub async fn city_line(tx: &Tx, county: &str, number: i32) -> Result<CityBook> {
    let rows = tx
        .find::<balance::Entity>()
        .filter(balance::Column::County.eq(county))
        .filter(balance::Column::Round.eq(number))
        .all(tx.connection())
        .await?;
    let balances = rows.iter().map(row::balance).collect::<Result<Vec<_>>>()?;
    Ok(CityBook::restore(balances))
}

/// 9001 of the finance office `tx` is bound to, for a round.
pub async fn approved_budget(tx: &Tx, number: i32) -> Result<Money> {
    let line = city_line(tx, tx.scope(), number).await?;
    Ok(line.balance(Account::BudgetApproved))
}

/// The book of a round of the county `tx` is bound to.
pub async fn round(tx: &Tx, number: i32) -> Result<Option<RoundBook>> {
    let found = tx
        .find::<round::Entity>()
        .filter(round::Column::Round.eq(number))
        .one(tx.connection())
        .await?;
    let Some(found) = found else {
        return Ok(None);
    };
    let balances = tx
        .find::<balance::Entity>()
        .filter(balance::Column::Round.eq(number))
        .all(tx.connection())
        .await?;
    row::round(&found, &balances).map(Some)
}

async fn save_totals(tx: &Tx, number: i32, book: &RoundBook) -> Result<()> {
    use round::Column;
    let key = [Column::Tenant, Column::Round];
    let is_kept =
        |it: &Column| matches!(it, Column::Tenant | Column::Round | Column::ResidualBearer);
    let changing = Column::iter().filter(|it| !is_kept(it));
    let upsert = OnConflict::columns(key).update_columns(changing).to_owned();
    // The tenant is the one the transaction is bound to.
    let row = row::round_row(tx.scope(), number, book);
    round::Entity::insert(row.into_active_model())
        .on_conflict(upsert)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}

async fn save_balances(
    tx: &Tx,
    county: &str,
    number: i32,
    balances: &[(Account, Money)],
) -> Result<()> {
    use balance::Column;
    let key = [
        Column::Tenant,
        Column::County,
        Column::Round,
        Column::Account,
    ];
    let upsert = OnConflict::columns(key)
        .update_column(Column::BalanceFen)
        .to_owned();
    let rows = balances
        .iter()
        .map(|(account, balance)| balance::ActiveModel {
            tenant: Set(tx.scope().to_owned()),
            county: Set(county.to_owned()),
            round: Set(number),
            account: Set(account.number()),
            balance_fen: Set(balance.fen()),
        });
    balance::Entity::insert_many(rows.collect::<Vec<_>>())
        .on_conflict(upsert)
        .exec_without_returning(tx.connection())
        .await?;
    Ok(())
}
