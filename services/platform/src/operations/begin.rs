//! How an operation begins: its first slice is done in the transaction of the act that asks for it, so
//! that what is refused leaves nothing, and what is short comes back done.

use prost::Message;
use yuhui_kernel::Tenant;
use yuhui_proto::operations::v1 as pb;

use super::{At, Item, Next, Operations, Work, asker::Asker, rows, server::shown};
use crate::{
    Result,
    act::{self, Begun, OpenAct},
    caller::Caller,
    clock,
    db::Tenancy,
    idempotency::Key,
};

/// An operation whose first slice is done, in a transaction that is still open.
pub struct BegunOperation<'a> {
    /// The act.
    pub act: OpenAct<'a>,
    /// The operation as it stands.
    pub operation: pb::Operation,
    /// What became of items of the first slice.
    pub items: Vec<Item>,
    operations: &'a Operations,
}

impl Operations {
    /// Begins `work` on `object`, unless the command was carried out before.
    pub async fn begin<'a, W: Work, Answer: Message + Default>(
        &'a self,
        work: &W,
        (caller, tenant): (&'a Caller, Tenant),
        key: Key,
        ask: W::Ask,
        object: String,
    ) -> Result<Begun<Answer, BegunOperation<'a>>> {
        let id = clock::fresh_id();
        let name = self.name(tenant.into(), id);
        let place = W::Place::default();
        let at = At {
            caller,
            tenant,
            operation: &name,
            ask: &ask,
            place: &place,
            slice: self.slice,
            is_cancelling: false,
        };
        // A repetition is answered even while those who are asked are not there.
        if let Begun::Answered(answer) = act::look(&self.db, tenant, &key).await? {
            return Ok(Begun::Answered(answer));
        }
        let ready = work.prepare(&at).await?;
        let begun = OpenAct::begin(&self.db, &self.clock, caller, tenant, key).await?;
        let act = match begun {
            Begun::Answered(answer) => return Ok(Begun::Answered(answer)),
            Begun::Open(act) => act,
        };
        let slice = work.apply(&at, &act.tx, ready).await?;
        if let Next::Failed(refused) = slice.next {
            return Err(refused);
        }
        let now = clock::real_millis();
        let row = rows::Row {
            tenant: Tenancy::from(tenant).scope().into(),
            id: id.to_string(),
            method: W::METHOD.into(),
            object,
            state: rows::RUNNING.into(),
            caller: serde_json::to_string(&Asker::of(caller))?,
            ask: serde_json::to_string(&ask)?,
            place: serde_json::to_string(&place)?,
            total: None,
            done: 0,
            failed: 0,
            skipped: 0,
            changed: 0,
            revision: 1,
            reason: String::new(),
            message: String::new(),
            epoch: 0,
            lease: 0,
            due: 0,
            served: 0,
            failures: 0,
            created: now,
            updated: now,
        };
        let (row, items) = row.after(slice)?;
        rows::insert(&act.tx, &row).await?;
        rows::record(&act.tx, &row.id, 0, items.clone()).await?;
        let operation = shown(self, &row)?;
        Ok(Begun::Open(BegunOperation {
            act,
            operation,
            items,
            operations: self,
        }))
    }
}

impl BegunOperation<'_> {
    /// Keeps the answer and commits; what is left to do is begun at once.
    pub async fn finish<Answer: Message>(self, answer: Answer) -> Result<Answer> {
        let answer = self.act.finish(answer).await?;
        self.operations.db.work_is_due();
        Ok(answer)
    }
}
