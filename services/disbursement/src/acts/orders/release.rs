//! The release of an order to the bank by county finance, a third hand (DYN-4): a batch is made of what the
//! check of the same day has cleared. Nobody at the bank sees it before its last line is in it. Lines that have
//! left are the bank's: a batch that is begun is made to its end, and nobody calls it back.

use serde::{Deserialize, Serialize};
use time::Date;
use uuid::Uuid;
use yuhui_platform::{
    Caller, Error, Result,
    clock::fresh_id,
    db::Tx,
    idempotency::Key,
    operations::{At, Next, Slice, Work},
    refusal::aborted,
};
use yuhui_proto::disbursement::v1 as pb;

use super::{
    Asked, Made, at_work, begin,
    sift::{Judged, Place, Turn, judge, sift},
    write,
};
use crate::{
    Deps,
    domain::{
        batch::{BatchLine, Sealing},
        name,
    },
    events::outgoing::{Leaving, batch_released},
    gate::OnOrder,
    refusal::Refused,
    store::{batches, fund, lines, orders},
};

/// Answers with the order as far as it has come; the operation tells the rest.
pub async fn release(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ReleasePaymentOrderRequest,
) -> Result<pb::ReleasePaymentOrderResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let (tenant, asked) = Asked::named(caller, ask.name, ask.etag)?;
    let answer = |order, operation| pb::ReleasePaymentOrderResponse { order, operation };
    let whose = (caller, tenant, asked.id);
    begin(deps, Release(deps.clone()), whose, (key, asked), answer).await
}

/// The work of [`release`].
pub struct Release(pub Deps);

/// The batch that is made.
#[derive(Clone, Serialize, Deserialize)]
pub struct Making {
    id: Uuid,
    name: String,
    /// Day of release.
    on: Date,
    sealing: Sealing,
}

/// What was judged, and on which day.
pub struct Today(Judged, Date);

#[tonic::async_trait]
impl Work for Release {
    type Ask = Asked;
    type Place = Place<Option<Making>>;
    type Ready = Today;
    const METHOD: &'static str = "ReleasePaymentOrder";

    async fn prepare(&self, at: &At<'_, Self>) -> Result<Today> {
        let today = self.0.clock.today();
        let mut judged = judge(&self.0, at, OnOrder::Release, |_| Ok(today)).await?;
        let begun = at.place.made().and_then(Option::as_ref);
        if begun.is_some_and(|it| it.on != today) {
            // A batch is of one day: what is left of it waits for another.
            judged.nothing_is_cleared();
        }
        Ok(Today(judged, today))
    }

    async fn apply(
        &self,
        at: &At<'_, Self>,
        tx: &Tx,
        Today(judged, today): Today,
    ) -> Result<Slice<Self::Place>> {
        let Self(deps) = self;
        if deps.clock.today() != today {
            // What was cleared yesterday is not released today.
            return Err(aborted().into());
        }
        let row = at.ask.row(tx).await?;
        let order = match at.place.is_start() {
            true => at.ask.begun(&row, OnOrder::Release, at.caller)?,
            false => at_work(&row, at.operation)?,
        };
        let rosters = fund::rosters(tx, row.round).await?;
        let mut sifted = sift(tx, at.ask.id, &judged, Some(&rosters)).await?;
        let lines = sifted.shown(|it| self.shown(it));
        let (mut kept, mut items, mut batch) = (0, Vec::new(), None);
        let next = match at.place.turn(&sifted, judged.more) {
            Turn::Look(place) => Next::More(place),
            Turn::Refuse(seen) => Next::Failed(seen.refusal(&row)),
            Turn::Take(making) => {
                kept = sifted.count();
                items = sifted.take_out((deps, at, tx), &row).await?;
                let making = send(tx, (&row, today), making, (&sifted.kept, &lines)).await?;
                match (judged.more, making) {
                    (after @ Some(_), made) => Next::More(Place::Taking { after, made }),
                    (None, Some(making)) => {
                        let seal = making.sealing.seal();
                        let made = batches::insert(tx, making.id, &row, &seal, making.on);
                        batch = Some(made.await?);
                        Next::Done
                    }
                    (None, None) => {
                        let subject = at.ask.name.clone();
                        Next::Failed(Refused::NothingPayable { subject }.into())
                    }
                }
            }
        };
        let made = Made::of(order, &next, batch.as_ref());
        let act = (at.ask, "disbursement.order.release");
        write((deps, at, tx), act, Some(&row), made).await?;
        Ok(Slice {
            total: at.place.is_start().then(|| row.line_count.into()),
            done: kept,
            items,
            next,
        })
    }
}

impl Release {
    /// A line as the bank sees it.
    fn shown(&self, row: &lines::Model) -> Result<BatchLine> {
        let vault = &self.0.vault;
        Ok(BatchLine {
            payment_key: row.payment_key.clone(),
            amount: row.amount(),
            payee_name: row.payee_name(vault)?,
            account_number: row.account_number(vault)?,
            bank_name: row.bank_name.clone(),
            corporate: row.corporate,
        })
    }
}

/// Sends the lines of a slice with the batch, as the bank sees them; with the first of them it is begun.
async fn send(
    tx: &Tx,
    (order, today): (&orders::Model, Date),
    making: Option<Making>,
    (rows, lines): (&[lines::Model], &[BatchLine]),
) -> Result<Option<Making>> {
    if rows.is_empty() {
        return Ok(making);
    }
    let mut making = making.unwrap_or_else(|| Making::of(&order.tenant, today));
    for line in lines {
        let longer = making.sealing.with(line);
        making.sealing = longer.ok_or_else(|| Error::fault("a batch too large to count"))?;
    }
    lines::send(tx, rows, order.id, making.id).await?;
    let leaving = Leaving {
        batch: &making.name,
        round: order.round,
        corrected: order.corrected,
        on: making.on,
    };
    batch_released(tx, &leaving, rows)?;
    Ok(Some(making))
}

impl Making {
    fn of(county: &str, on: Date) -> Self {
        let id = fresh_id();
        let name = name::of_batch(county, id);
        Self {
            id,
            on,
            sealing: Sealing::of(&name),
            name,
        }
    }
}
