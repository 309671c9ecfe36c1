//! County health proposes an order over what waits and is cleared today (F20, maker).

use serde::{Deserialize, Serialize};
use uuid::Uuid;
use yuhui_platform::{
    Caller, Result,
    clock::fresh_id,
    db::Tx,
    idempotency::Key,
    operations::{At, Next, Slice, Work, next_after},
};
use yuhui_proto::disbursement::v1 as pb;

use super::{Asked, Made, at_work, begin, write};
use crate::{
    Deps,
    clients::eligibility::Cleared,
    convert,
    domain::{line::LineState, name, order::Order},
    refusal::Refused,
    store::{lines, orders},
};

/// Rounds are years.
const ROUNDS: std::ops::RangeInclusive<i32> = 2000..=9999;
const ACTION: &str = "disbursement.order.propose";

/// Answers with the order as far as it has come; the operation tells the rest.
pub async fn propose(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ProposePaymentOrderRequest,
) -> Result<pb::ProposePaymentOrderResponse> {
    let tenant = caller.tenant_for(&convert::named(name::county, &ask.parent)?)?;
    if !ROUNDS.contains(&ask.round) {
        return Err(Refused::Round.into());
    }
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let id = fresh_id();
    let over = Over {
        order: Asked {
            name: name::of_order(&tenant.to_string(), id),
            id,
            etag: String::new(),
        },
        round: ask.round,
        corrected: ask.kind() == pb::OrderKind::Reissues,
    };
    let answer = |order, operation| pb::ProposePaymentOrderResponse { order, operation };
    let work = Propose(deps.clone());
    begin(deps, work, (caller, tenant, id), (key, over), answer).await
}

/// The work of [`propose`].
pub struct Propose(pub Deps);

/// What the order is to be over.
#[derive(Serialize, Deserialize)]
pub struct Over {
    order: Asked,
    round: i32,
    corrected: bool,
}

#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Place {
    /// The last line that was looked at.
    after: Option<Uuid>,
    /// Some line is in the order: before, there is none.
    is_there: bool,
}

/// Lines of a slice that are cleared.
#[derive(Default)]
pub struct Found {
    lines: Vec<lines::Model>,
    more: Option<Uuid>,
}

#[tonic::async_trait]
impl Work for Propose {
    type Ask = Over;
    type Place = Place;
    type Ready = Found;
    const METHOD: &'static str = "ProposePaymentOrder";

    async fn prepare(&self, at: &At<'_, Self>) -> Result<Found> {
        let Self(deps) = self;
        if at.is_cancelling {
            return Ok(Found::default());
        }
        let state = match at.ask.corrected {
            true => LineState::Corrected,
            false => LineState::Ready,
        };
        let tx = deps.db.read(at.tenant).await?;
        let waiting = (at.ask.round, state);
        let mut lines = lines::waiting(&tx, waiting, at.place.after, at.slice).await?;
        drop(tx);
        let more = next_after(&lines, at.slice, |it| it.id);
        let round = (at.tenant, at.ask.round);
        let today = deps.clock.today();
        let cases = lines.iter().map(|it| it.case_name.as_str());
        let cleared = Cleared::since(deps, at.caller, round, today, cases).await?;
        lines.retain(|it| cleared.covers(&it.case_name));
        Ok(Found { lines, more })
    }

    async fn apply(&self, at: &At<'_, Self>, tx: &Tx, found: Found) -> Result<Slice<Place>> {
        let is_there = at.place.is_there || !found.lines.is_empty();
        let next = match found.more {
            _ if at.is_cancelling => Next::Cancelled,
            None if !is_there => {
                let subject = format!("counties/{}/rounds/{}", at.tenant, at.ask.round);
                Next::Failed(Refused::NothingPayable { subject }.into())
            }
            None => Next::Done,
            more => Next::More(Place {
                after: more,
                is_there,
            }),
        };
        if is_there {
            self.put_in(at, tx, &found.lines, !matches!(next, Next::More(_)))
                .await?;
        }
        Ok(Slice {
            total: None,
            done: i64::try_from(found.lines.len()).unwrap_or(i64::MAX),
            items: Vec::new(),
            next,
        })
    }
}

impl Propose {
    /// Puts lines into the order; with the first of them it is made.
    async fn put_in(
        &self,
        at: &At<'_, Self>,
        tx: &Tx,
        lines: &[lines::Model],
        is_ended: bool,
    ) -> Result<()> {
        let Self(deps) = self;
        let ask = &at.ask.order;
        let is_new = !at.place.is_there;
        let row = match is_new {
            true => {
                let order = Order::proposed(at.caller.hand());
                let over = (at.ask.round, at.ask.corrected);
                orders::insert(tx, ask.id, over, &order, at.operation).await?
            }
            false => ask.row(tx).await?,
        };
        lines::assign(tx, lines, ask.id).await?;
        orders::grow(tx, ask.id, lines).await?;
        let order = at_work(&row, at.operation)?;
        let next: Next<()> = match is_ended {
            true => Next::Done,
            false => Next::More(()),
        };
        let made = Made::of(order, &next, None);
        let was = (!is_new).then_some(&row);
        write((deps, at, tx), (ask, ACTION), was, made).await
    }
}
