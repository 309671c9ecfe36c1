//! One act in a county's book: postings, audit, events, in one transaction, which is begun and ended by
//! the command (`yuhui_platform::act`) or the inbox that brought the act.

use yuhui_kernel::Date;
use yuhui_platform::{Caller, Clock, Result, audit, db::Tx, outbox};
use yuhui_proto::internal::v1::{RoundFunded, event::Payload};

use crate::{
    Deps,
    domain::{
        book::{CityEvent, LedgerEvent, ResidualBearer, RoundBook},
        reconciliation::agrees,
    },
    events::outgoing,
    refusal::Refusal,
    store::{
        book::{Cause, OpenBook, refused},
        lines, rosters,
    },
};

/// An act under way: the book is locked.
pub struct Act<'a> {
    /// The transaction.
    pub tx: &'a Tx,
    /// Who acts.
    pub caller: &'a Caller,
    book: OpenBook<'a>,
    clock: &'a Clock,
    bearer: ResidualBearer,
    origin: String,
    posted_on: Date,
}

impl<'a> Act<'a> {
    /// Locks the book. `origin` is the id of the request or event that brought the act.
    pub async fn open(
        deps: &'a Deps,
        tx: &'a Tx,
        caller: &'a Caller,
        origin: &str,
    ) -> Result<Self> {
        Ok(Self {
            tx,
            caller,
            book: OpenBook::open(tx).await?,
            clock: &deps.clock,
            bearer: deps.residual_bearer,
            origin: origin.to_owned(),
            posted_on: deps.clock.today(),
        })
    }

    /// The act has effect on another business date than today.
    pub fn effective_on(&mut self, date: Date) {
        self.posted_on = date;
    }

    /// Today, in business time.
    pub fn today(&self) -> Date {
        self.clock.today()
    }

    /// The book of a round.
    pub async fn round(&self, round: i32) -> Result<RoundBook> {
        self.book.round(round, self.bearer).await
    }

    /// Posts to a round; `source` is what caused it.
    pub async fn post(
        &mut self,
        round: i32,
        book: &mut RoundBook,
        event: LedgerEvent,
        source: &str,
    ) -> Result<i64> {
        let cause = self.cause(source);
        self.book.post(round, book, &event, &cause).await
    }

    /// Posts to the city's own budget of a round; `source` is what caused it.
    pub async fn post_city_budget(
        &mut self,
        round: i32,
        event: CityEvent,
        source: &str,
    ) -> Result<i64> {
        let cause = self.cause(source);
        self.book.post_city_budget(round, event, &cause).await
    }

    fn cause(&self, source: &str) -> Cause {
        Cause {
            source: source.to_owned(),
            actor: self.caller.account.clone(),
            origin: self.origin.clone(),
            posted_on: self.posted_on,
        }
    }

    /// Records the act; to be called before anything is published.
    pub async fn record(&self, entry: audit::Entry) -> Result<()> {
        audit::record(self.tx, self.caller, self.clock.now(), entry).await
    }

    /// Sends an event to another service.
    pub fn publish(&self, destination: &str, payload: Payload) -> Result<()> {
        let event = outgoing::event(self.clock.now(), self.posted_on, payload);
        outbox::publish(self.tx, destination, event)
    }

    /// R-FUN-3: once nothing is due any more, everybody who waits for the money is told which
    /// rosters it covers. Rosters that were told before are not told again.
    pub async fn announce(&self, round: i32, book: &RoundBook) -> Result<()> {
        if !book.is_funded() {
            return Ok(());
        }
        let rosters = rosters::fund(self.tx, round).await?;
        if rosters.is_empty() {
            return Ok(());
        }
        let funded = RoundFunded { round, rosters };
        for destination in ["eligibility", "disbursement"] {
            let payload = Payload::RoundFunded(funded.clone());
            self.publish(destination, payload)?;
        }
        Ok(())
    }
}

/// F.3: 2001 = Σ open lines, 1002 = Σ lines sent without answer; checked whenever lines moved.
pub async fn check_lines(act: &Act<'_>, round: i32, book: &RoundBook) -> Result<()> {
    let sums = lines::sums(act.tx, round).await?;
    if agrees(book, &sums).map_err(refused)? {
        Ok(())
    } else {
        Err(inconsistent("payment lines and book would differ").into())
    }
}

/// An event that contradicts the ledger.
pub fn inconsistent(what: impl Into<String>) -> Refusal {
    Refusal::EventInconsistent { what: what.into() }
}
