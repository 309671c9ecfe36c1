//! Recomputes a book from its journals: the chain, every posting, every balance.

use std::collections::BTreeMap;

use yuhui_kernel::Money;

use super::{
    account::Account,
    chain::{self, GENESIS, Hash},
    city::{CityBook, CityEvent},
    journal::{Journal, is_balanced},
    round::RoundBook,
    split::ResidualBearer,
};

/// Most problems that are told one by one.
const TOLD_MAX: usize = 100;

/// Reads a book from its first journal to its last.
#[derive(Debug, Default)]
pub struct Verifier {
    /// Who bears the odd fen, by round, where it is not the county.
    bearers: BTreeMap<i32, ResidualBearer>,
    counties: BTreeMap<i32, RoundBook>,
    city: BTreeMap<(String, i32), CityBook>,
    head: Hash,
    journals: i64,
    problems: Vec<String>,
}

impl Verifier {
    /// A verifier of one book. `bearers` says who bears the odd fen of a round; the county
    /// where it is silent.
    #[must_use]
    pub fn new(bearers: BTreeMap<i32, ResidualBearer>) -> Self {
        Self {
            bearers,
            head: GENESIS,
            ..Self::default()
        }
    }

    /// Takes the next journal with the two hashes stored beside it.
    pub fn read(&mut self, journal: &Journal, previous: &[u8], hash: &[u8]) {
        let sequence = journal.sequence;
        self.journals += 1;
        if sequence != self.journals {
            self.tell(format!(
                "journal {}: missing or out of order",
                self.journals
            ));
            self.journals = sequence;
        }
        if previous != self.head {
            self.tell(format!(
                "journal {sequence}: does not follow the one before"
            ));
        }
        self.head = chain::hash(&self.head, journal);
        if hash != self.head {
            self.tell(format!(
                "journal {sequence}: hash does not match its content"
            ));
        }
        if !is_balanced(&journal.entries) {
            self.tell(format!("journal {sequence}: debits and credits differ"));
        }
        match self.replay(journal) {
            Some(Ok(entries)) if entries == journal.entries => {}
            Some(Ok(_)) => self.tell(format!("journal {sequence}: entries are not its event's")),
            Some(Err(refused)) => self.tell(format!("journal {sequence}: {refused}")),
            None => self.tell(format!("journal {sequence}: no such event")),
        }
    }

    fn replay(&mut self, journal: &Journal) -> Option<Result<Vec<super::Entry>, super::Refused>> {
        let posted = match CityEvent::from_name(&journal.event, journal.amount) {
            Some(event) => {
                let key = (journal.county.clone(), journal.round);
                self.city.entry(key).or_default().post(event)
            }
            None => {
                let event = journal.ledger_event()?;
                let bearer = self
                    .bearers
                    .get(&journal.round)
                    .copied()
                    .unwrap_or_default();
                let fresh = || RoundBook::new(bearer);
                let book = self.counties.entry(journal.round).or_insert_with(fresh);
                book.post(&event)
            }
        };
        Some(posted.map(|it| it.entries))
    }

    /// Compares the stored balances of one line of the book with the recomputed ones.
    pub fn compare_balances(
        &mut self,
        county: &str,
        round: i32,
        stored: &BTreeMap<Account, Money>,
    ) {
        let mut computed: BTreeMap<Account, Money> = BTreeMap::new();
        if let Some(book) = self.counties.get(&round) {
            computed.extend(book.balances());
        }
        if let Some(book) = self.city.get(&(county.to_owned(), round)) {
            computed.extend(book.balances());
        }
        for account in Account::ALL {
            let stored = stored.get(&account).copied().unwrap_or_default();
            let computed = computed.get(&account).copied().unwrap_or_default();
            if stored != computed {
                self.tell(format!(
                    "{county} round {round}, account {account}: stored {stored}, by journals {computed}"
                ));
            }
        }
    }

    /// Rounds seen, with their recomputed county books.
    pub fn rounds(&self) -> impl Iterator<Item = (i32, &RoundBook)> {
        self.counties.iter().map(|(round, book)| (*round, book))
    }

    /// Lines of the city book seen: county, round and the recomputed line.
    pub fn city_lines(&self) -> impl Iterator<Item = (&str, i32, &CityBook)> {
        let lines = self.city.iter();
        lines.map(|((county, round), book)| (county.as_str(), *round, book))
    }

    /// Adds a problem found elsewhere; after the first hundred they are only counted on.
    pub fn tell(&mut self, problem: String) {
        if self.problems.len() < TOLD_MAX {
            self.problems.push(problem);
        }
    }

    /// Journals read, head of the chain, problems.
    #[must_use]
    pub fn finish(self) -> (i64, Hash, Vec<String>) {
        (self.journals, self.head, self.problems)
    }
}
