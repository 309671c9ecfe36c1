//! Recomputes a stored book: chain, postings, balances, totals, lines, and the control of the
//! city's.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait as _, QueryFilter as _};
use yuhui_kernel::Money;
use yuhui_platform::{
    Error, Result,
    db::{Tenancy, Tx},
    inbox,
};

use super::{
    book::refused,
    city,
    entity::{balance, head, round},
    lines,
    reading::{self, Chained},
    row,
};
use crate::{
    domain::book::{Account, CityEvent, ResidualBearer, chain::GENESIS, verify::Verifier},
    domain::reconciliation,
};

/// Journals read at a time.
const BATCH: u64 = 500;

/// What recomputing a book found.
pub struct Verdict {
    /// Journals read.
    pub journals: i64,
    /// Hash of the last one, hex.
    pub head_hash: String,
    /// What does not hold.
    pub problems: Vec<String>,
}

/// Recomputes a county's book; `tx` is bound to the county.
pub async fn county(tx: &Tx) -> Result<Verdict> {
    let rounds = tx.find::<round::Entity>().all(tx.connection()).await?;
    let bearer = |it: &round::Model| ResidualBearer::from_code(&it.residual_bearer);
    let bearers = rounds.iter().filter_map(|it| Some((it.round, bearer(it)?)));
    let mut verifier = Verifier::new(bearers.collect());
    let county = tx.scope();
    replay(tx, county, &mut verifier).await?;
    compare_balances(tx, county, &mut verifier).await?;
    let mut problems = Vec::new();
    for (number, book) in verifier.rounds() {
        let stored = rounds.iter().find(|it| it.round == number);
        if stored != Some(&row::round_row(county, number, book)) {
            problems.push(format!(
                "round {number}: running totals are not those of the journals"
            ));
        }
        let sums = lines::sums(tx, number).await?;
        if !reconciliation::agrees(book, &sums).map_err(refused)? {
            problems.push(format!("round {number}: payment lines and book differ"));
        }
    }
    for event in inbox::operator::kept(tx).await? {
        let (id, reason, detail) = (event.event_id, event.reason, event.detail);
        problems.push(format!("event {id} is not posted: {reason} {detail}"));
    }
    finish(tx, county, verifier, problems).await
}

/// Recomputes the city's book and its control, 2901 = Σ 1201; `tx` sees every tenant, so that
/// all books are of one instant.
pub async fn city(tx: &Tx) -> Result<Verdict> {
    let city = Tenancy::City.scope();
    let mut verifier = Verifier::new(BTreeMap::new());
    replay(tx, city, &mut verifier).await?;
    compare_balances(tx, city, &mut verifier).await?;
    let mut problems = Vec::new();
    for (county, number, book) in reading::rounds(tx, None).await? {
        let mut lines = verifier.city_lines();
        let line = lines.find(|(of, round, _)| *of == county && *round == number);
        let payable = line.map_or(Money::ZERO, |(_, _, it)| it.balance(Account::CityPayable));
        let coming = coming(tx, &county, number).await?;
        // A credit balance: what the city owes is its negative.
        if coming.checked_sub(payable) != Some(book.city_due()) {
            problems.push(format!(
                "{county} round {number}: 2901 of the city is not 1201 of the county"
            ));
        }
    }
    finish(tx, city, verifier, problems).await
}

/// What county journals that the city book does not have yet will add to 2901.
async fn coming(tx: &Tx, county: &str, number: i32) -> Result<Money> {
    let mut after = city::mirrored(tx, county).await?;
    let mut sum = Money::ZERO;
    loop {
        let waiting = city::touching(tx, county, after).await?;
        for (_, event) in waiting.journals.iter().filter(|(it, _)| it.round == number) {
            let after = match *event {
                CityEvent::ShareOwed(amount) => sum.checked_add(amount),
                CityEvent::ShareReduced(amount) | CityEvent::ShareAllocated(amount) => {
                    sum.checked_sub(amount)
                }
                CityEvent::SurplusReturned(_)
                | CityEvent::BudgetApproved(_)
                | CityEvent::BudgetSupplemented(_) => Some(sum),
            };
            sum = after.ok_or_else(|| Error::fault("a share does not fit"))?;
        }
        match waiting.more_after {
            Some(last) => after = last,
            None => return Ok(sum),
        }
    }
}

async fn replay(tx: &Tx, book: &str, verifier: &mut Verifier) -> Result<()> {
    let mut after = 0;
    loop {
        let journals = reading::journals(tx, book, after, BATCH).await?;
        let Some(last) = journals.last().map(|it| it.sequence) else {
            return Ok(());
        };
        after = last;
        for chained in &journals {
            read(verifier, chained);
        }
    }
}

fn read(verifier: &mut Verifier, chained: &Chained) {
    let hex = |text: &str| hex::decode(text).unwrap_or_default();
    match &chained.journal {
        Ok(journal) => verifier.read(journal, &hex(&chained.previous_hash), &hex(&chained.hash)),
        Err(error) => verifier.tell(format!("journal {}: {error}", chained.sequence)),
    }
}

async fn compare_balances(tx: &Tx, book: &str, verifier: &mut Verifier) -> Result<()> {
    let rows = tx
        .find::<balance::Entity>()
        .filter(balance::Column::Tenant.eq(book))
        .all(tx.connection())
        .await?;
    let mut stored: BTreeMap<(String, i32), BTreeMap<Account, Money>> = BTreeMap::new();
    let of_counties = verifier.rounds();
    let of_counties = of_counties.map(|(round, _)| (book.to_owned(), round));
    let of_city = verifier.city_lines();
    let of_city = of_city.map(|(county, round, _)| (county.to_owned(), round));
    for key in of_counties.chain(of_city) {
        stored.entry(key).or_default();
    }
    for found in &rows {
        let (account, amount) = row::balance(found)?;
        let line = stored
            .entry((found.county.clone(), found.round))
            .or_default();
        line.insert(account, amount);
    }
    for ((county, round), balances) in &stored {
        verifier.compare_balances(county, *round, balances);
    }
    Ok(())
}

async fn finish(
    tx: &Tx,
    book: &str,
    mut verifier: Verifier,
    problems: Vec<String>,
) -> Result<Verdict> {
    for problem in problems {
        verifier.tell(problem);
    }
    let (journals, hash, mut problems) = verifier.finish();
    let head_hash = hex::encode(hash);
    let head = tx
        .find::<head::Entity>()
        .filter(head::Column::Tenant.eq(book))
        .one(tx.connection())
        .await?;
    let (sequence, stored) = head.map_or((0, hex::encode(GENESIS)), |it| (it.sequence, it.hash));
    if (sequence, &stored) != (journals, &head_hash) {
        problems.push("journals at the end are missing".into());
    }
    Ok(Verdict {
        journals,
        head_hash,
        problems,
    })
}
