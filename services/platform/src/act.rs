//! How every act begins and ends: idempotency key, transaction, and, after what the act itself does,
//! the kept answer and the commit. What is between them is the service's own: lock, state and dynamic
//! rules, effect, audit, events. The transaction writes the audit entries and then the events when it
//! commits, whatever the order they were given in.

use prost::Message;

use crate::{
    Result,
    audit::{self, Entry},
    caller::Caller,
    clock::Clock,
    db::{Database, Tenancy, Tx},
    idempotency::Key,
};

/// How an act begins.
pub enum Begun<Answer, Open> {
    /// The command is a repetition: this was the first answer.
    Answered(Answer),
    /// It was never carried out: what there is to go on with.
    Open(Open),
}

/// What an act that has begun goes on with; where it is a repetition, the function answers as it did
/// the first time.
#[macro_export]
macro_rules! unless_answered {
    ($begun:expr) => {
        match $begun.await? {
            $crate::act::Begun::Answered(answer) => return Ok(answer),
            $crate::act::Begun::Open(open) => open,
        }
    };
}

/// A look at what an act is about, before others are asked for it; a repetition is answered even while
/// they are not there.
pub async fn look<Answer: Message + Default>(
    db: &Database,
    tenancy: impl Into<Tenancy>,
    key: &Key,
) -> Result<Begun<Answer, Tx>> {
    let tx = db.read(tenancy).await?;
    Ok(match key.answered(&tx).await? {
        Some(answer) => Begun::Answered(answer),
        None => Begun::Open(tx),
    })
}

/// An act in its transaction. Dropped, it did nothing.
pub struct OpenAct<'a> {
    /// Who acts.
    pub caller: &'a Caller,
    /// The transaction.
    pub tx: Tx,
    /// Time of the act.
    pub clock: &'a Clock,
    key: Key,
}

impl<'a> OpenAct<'a> {
    /// Opens the transaction of a command, unless it was carried out before.
    pub async fn begin<Answer: Message + Default>(
        db: &Database,
        clock: &'a Clock,
        caller: &'a Caller,
        tenancy: impl Into<Tenancy>,
        key: Key,
    ) -> Result<Begun<Answer, Self>> {
        let tx = db.begin(tenancy).await?;
        if let Some(answer) = key.answered(&tx).await? {
            return Ok(Begun::Answered(answer));
        }
        Ok(Begun::Open(Self {
            caller,
            tx,
            clock,
            key,
        }))
    }

    /// Records what the caller did.
    pub async fn record(&self, entry: Entry) -> Result<()> {
        audit::record(&self.tx, self.caller, self.clock.now(), entry).await
    }

    /// Keeps the answer, so that a repetition gets the same, and commits.
    pub async fn finish<Answer: Message>(self, answer: Answer) -> Result<Answer> {
        self.key.remember(&self.tx, &answer).await?;
        self.tx.commit().await?;
        Ok(answer)
    }
}
