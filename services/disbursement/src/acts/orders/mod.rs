//! Payment orders: proposed and approved by county health, released to the bank by county finance; or closed
//! before. Each of these acts goes through the lines of the order slice by slice, as an operation.

pub mod approve;
pub mod decline;
pub mod propose;
pub mod release;
mod sift;

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yuhui_kernel::Tenant;
use yuhui_platform::{
    Caller, Error, Result, audit,
    db::Tx,
    idempotency::Key,
    operations::{At, Next, Work},
    refusal::{aborted, not_found, seen},
    unless_answered,
};
use yuhui_proto::{disbursement::v1 as pb, operations::v1::Operation};

use crate::{
    Deps, convert,
    domain::{
        name::{self, Named},
        order::Order,
    },
    gate::OnOrder,
    refusal::Refused,
    store::{batches, orders},
};

/// What is asked for of an order that is there.
#[derive(Serialize, Deserialize)]
pub struct Asked {
    /// Its resource name.
    name: String,
    id: Uuid,
    /// Etag of the order that was looked at; empty if any will do.
    etag: String,
}

impl Asked {
    fn named(caller: &Caller, name: String, etag: String) -> Result<(Tenant, Self)> {
        let Named { tenant, id } = convert::named(name::order, &name)?;
        Ok((caller.tenant_for(&tenant)?, Self { name, id, etag }))
    }

    async fn row(&self, tx: &Tx) -> Result<orders::Model> {
        let row = orders::get(tx, self.id).await?;
        Ok(row.ok_or_else(|| not_found(&self.name))?)
    }

    /// The order as an act leaves it that it waits for, if it is the one that was looked at.
    fn begun(&self, row: &orders::Model, deed: OnOrder, caller: &Caller) -> Result<Order> {
        if !self.etag.is_empty() {
            seen(&self.etag, &row.etag())?;
        }
        let begun = deed.begins(row.order()?, caller.hand());
        Ok(begun.map_err(|fault| Refused::order(fault, &self.name))?)
    }
}

/// Begins the work of an act on an order, and answers with how both stand after the first slice.
async fn begin<W, Answer>(
    deps: &Deps,
    work: W,
    whose: (&Caller, Tenant, Uuid),
    (key, ask): (Key, W::Ask),
    answer: impl FnOnce(Option<pb::PaymentOrder>, Option<Operation>) -> Answer,
) -> Result<Answer>
where
    W: Work,
    Answer: prost::Message + Default,
{
    let (caller, tenant, id) = whose;
    let operations = deps.operations();
    let object = name::of_order(&tenant.to_string(), id);
    let begun = operations.begin(&work, (caller, tenant), key, ask, object);
    let begun = unless_answered!(begun);
    let row = orders::get(&begun.act.tx, id).await?;
    let order = row.as_ref().map(convert::order).transpose()?;
    let answer = answer(order, Some(begun.operation.clone()));
    begun.finish(answer).await
}

/// The order on which this operation is at work.
fn at_work(row: &orders::Model, operation: &str) -> Result<Order> {
    match row.operation == operation {
        true => row.order(),
        false => Err(Error::fault(format!("{operation} is not at work there"))),
    }
}

/// What a slice makes of an order.
struct Made {
    order: Order,
    /// The work on it has ended.
    is_ended: bool,
    batch: Option<Uuid>,
    /// Why it was given up; empty if it was not.
    given_up: String,
    /// Why it was declined; empty if it was not.
    reason: String,
    note: String,
}

impl Made {
    /// An order whose work goes on, is done, or is refused.
    fn of<Place>(order: Order, next: &Next<Place>, batch: Option<&batches::Model>) -> Self {
        let order = match next {
            Next::More(_) => order,
            Next::Done => order.done(),
            Next::Failed(refused) => return Self::given_up(order, refused.told()),
            Next::Cancelled => return Self::given_up(order, "CANCELLED".into()),
        };
        Self {
            order,
            is_ended: !matches!(next, Next::More(_)),
            batch: batch.map(|it| it.id),
            given_up: String::new(),
            reason: String::new(),
            note: batch.map_or_else(String::new, |it| format!("batch hash {}", it.hash)),
        }
    }

    /// An order on which an act was begun that is not done.
    fn given_up(order: Order, why: String) -> Self {
        Self {
            order: order.given_up(),
            is_ended: true,
            batch: None,
            given_up: why,
            reason: String::new(),
            note: String::new(),
        }
    }
}

/// Writes where the order stands, if it moved or was nothing before, on record. Its lines are counted already;
/// of two acts that begin with it at once the second finds another version, and loses the race.
async fn write<W: Work>(
    (deps, at, tx): (&Deps, &At<'_, W>, &Tx),
    (ask, action): (&Asked, &str),
    was: Option<&orders::Model>,
    made: Made,
) -> Result<()> {
    let mut row = ask.row(tx).await?;
    if was.is_some_and(|it| it.version != row.version) {
        return Err(aborted().into());
    }
    let operation = match made.is_ended {
        true => "",
        false => at.operation,
    };
    if row.operation != operation || row.order()? != made.order {
        row = orders::advance(tx, &row, &made.order, operation, (made.batch, &made.reason)).await?;
    }
    let (action, reason) = match made.given_up.is_empty() {
        true => (action, made.reason),
        false => ("disbursement.order.give-up", made.given_up),
    };
    let now = convert::order_for_audit(&row);
    let entry = audit::Entry::new(action, &ask.name)
        .after(&now)
        .reason(reason)
        .note(made.note);
    let entry = match was.map(convert::order_for_audit) {
        // A slice that goes on with it, or ends what was on record already.
        Some(was) if was["state"] == now["state"] => return Ok(()),
        Some(was) => entry.before(&was),
        None => entry,
    };
    audit::record(tx, at.caller, deps.clock.now(), entry).await
}
