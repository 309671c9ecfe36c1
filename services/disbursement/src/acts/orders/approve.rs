//! County health approves an order by another hand (DYN-1).

use time::{Date, Month};
use yuhui_platform::{
    Caller, Error, Result,
    db::Tx,
    idempotency::Key,
    operations::{At, Next, Slice, Work},
};
use yuhui_proto::disbursement::v1 as pb;

use super::{
    Asked, Made, at_work, begin,
    sift::{Judged, Place, Turn, judge, sift},
    write,
};
use crate::{Deps, gate::OnOrder, refusal::Refused};

/// Lines whose clearance was taken back since the proposal are taken out. Answers with the order as far as it
/// has come; the operation tells the rest.
pub async fn approve(
    deps: &Deps,
    caller: &Caller,
    ask: pb::ApprovePaymentOrderRequest,
) -> Result<pb::ApprovePaymentOrderResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let (tenant, asked) = Asked::named(caller, ask.name, ask.etag)?;
    let answer = |order, operation| pb::ApprovePaymentOrderResponse { order, operation };
    let whose = (caller, tenant, asked.id);
    begin(deps, Approve(deps.clone()), whose, (key, asked), answer).await
}

const ACTION: &str = "disbursement.order.approve";

/// The work of [`approve`].
pub struct Approve(pub Deps);

#[tonic::async_trait]
impl Work for Approve {
    type Ask = Asked;
    type Place = Place<()>;
    type Ready = Judged;
    const METHOD: &'static str = "ApprovePaymentOrder";

    async fn prepare(&self, at: &At<'_, Self>) -> Result<Judged> {
        if at.is_cancelling {
            // Nobody need be there for it to be given up.
            return Ok(Judged::default());
        }
        // No case is checked before the year of its round.
        let first = |round| {
            Date::from_calendar_date(round, Month::January, 1)
                .map_err(|_| Error::fault("a round that is no year"))
        };
        judge(&self.0, at, OnOrder::Approve, first).await
    }

    async fn apply(&self, at: &At<'_, Self>, tx: &Tx, judged: Judged) -> Result<Slice<Place<()>>> {
        let Self(deps) = self;
        let row = at.ask.row(tx).await?;
        let order = match at.place.is_start() {
            true => at.ask.begun(&row, OnOrder::Approve, at.caller)?,
            false => at_work(&row, at.operation)?,
        };
        if at.is_cancelling {
            let made = Made::given_up(order, "CANCELLED".into());
            write((deps, at, tx), (at.ask, ACTION), Some(&row), made).await?;
            return Ok(Next::Cancelled.into());
        }
        let sifted = sift(tx, at.ask.id, &judged, None).await?;
        let (mut kept, mut items) = (0, Vec::new());
        let next = match at.place.turn(&sifted, judged.more) {
            Turn::Look(place) => Next::More(place),
            Turn::Refuse(seen) => Next::Failed(seen.refusal(&row)),
            Turn::Take(()) => {
                kept = sifted.count();
                items = sifted.take_out((deps, at, tx), &row).await?;
                match judged.more {
                    after @ Some(_) => Next::More(Place::Taking { after, made: () }),
                    None if at.ask.row(tx).await?.line_count == 0 => {
                        let subject = at.ask.name.clone();
                        Next::Failed(Refused::NothingPayable { subject }.into())
                    }
                    None => Next::Done,
                }
            }
        };
        let made = Made::of(order, &next, None);
        write((deps, at, tx), (at.ask, ACTION), Some(&row), made).await?;
        Ok(Slice {
            total: at.place.is_start().then(|| row.line_count.into()),
            done: kept,
            items,
            next,
        })
    }
}
