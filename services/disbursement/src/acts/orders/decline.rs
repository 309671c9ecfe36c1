//! An order ends before it is paid: health declines or withdraws what is proposed, finance declines to release
//! what is approved. Its lines wait for another.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize};
use yuhui_kernel::Tenant;
use yuhui_platform::{
    Caller, Result,
    db::Tx,
    idempotency::Key,
    operations::{At, Next, Slice, Work},
};
use yuhui_proto::{disbursement::v1 as pb, operations::v1::Operation};

use super::{Asked, Made, at_work, begin, write};
use crate::{Deps, gate::OnOrder, store::lines};

/// County health declines what is proposed.
pub async fn decline(
    deps: &Deps,
    caller: &Caller,
    ask: pb::DeclinePaymentOrderRequest,
) -> Result<pb::DeclinePaymentOrderResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let answer = |order, operation| pb::DeclinePaymentOrderResponse { order, operation };
    let seen = Asked::named(caller, ask.name, ask.etag)?;
    close::<Decline, _>(deps, caller, key, (seen, ask.reason), answer).await
}

/// Whoever proposed an order withdraws it.
pub async fn withdraw(
    deps: &Deps,
    caller: &Caller,
    ask: pb::WithdrawPaymentOrderRequest,
) -> Result<pb::WithdrawPaymentOrderResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let answer = |order, operation| pb::WithdrawPaymentOrderResponse { order, operation };
    let any = Asked::named(caller, ask.name, String::new())?;
    close::<Withdraw, _>(deps, caller, key, (any, String::new()), answer).await
}

/// County finance declines to release what is approved.
pub async fn decline_release(
    deps: &Deps,
    caller: &Caller,
    ask: pb::DeclineReleaseRequest,
) -> Result<pb::DeclineReleaseResponse> {
    let key = Key::new(caller, &ask.request_id, &ask)?;
    let answer = |order, operation| pb::DeclineReleaseResponse { order, operation };
    let seen = Asked::named(caller, ask.name, ask.etag)?;
    close::<DeclineRelease, _>(deps, caller, key, (seen, ask.reason), answer).await
}

async fn close<E: Way, Answer: prost::Message + Default>(
    deps: &Deps,
    caller: &Caller,
    key: Key,
    ((tenant, order), words): ((Tenant, Asked), String),
    answer: impl FnOnce(Option<pb::PaymentOrder>, Option<Operation>) -> Answer,
) -> Result<Answer> {
    let whose = (caller, tenant, order.id);
    let closing = Closing { order, words };
    begin(deps, Close::<E>::new(deps), whose, (key, closing), answer).await
}

/// A way in which an order ends before it is paid.
pub trait Way: Send + Sync + 'static {
    /// The method that asks for it.
    const METHOD: &'static str;
    /// As it is put on record.
    const ACTION: &'static str;
    /// What is done to the order.
    const DEED: OnOrder;
}

/// See [`decline`].
pub enum Decline {}
/// See [`withdraw`].
pub enum Withdraw {}
/// See [`decline_release`].
pub enum DeclineRelease {}

impl Way for Decline {
    const METHOD: &'static str = "DeclinePaymentOrder";
    const ACTION: &'static str = "disbursement.order.decline";
    const DEED: OnOrder = OnOrder::Decline;
}

impl Way for Withdraw {
    const METHOD: &'static str = "WithdrawPaymentOrder";
    const ACTION: &'static str = "disbursement.order.withdraw";
    const DEED: OnOrder = OnOrder::Withdraw;
}

impl Way for DeclineRelease {
    const METHOD: &'static str = "DeclineRelease";
    const ACTION: &'static str = "disbursement.order.decline-release";
    const DEED: OnOrder = OnOrder::DeclineRelease;
}

/// The work of ending an order so.
pub struct Close<E>(Deps, PhantomData<E>);

impl<E> Close<E> {
    /// With these.
    #[must_use]
    pub fn new(deps: &Deps) -> Self {
        Self(deps.clone(), PhantomData)
    }
}

/// Which order ends, and why.
#[derive(Serialize, Deserialize)]
pub struct Closing {
    order: Asked,
    words: String,
}

#[tonic::async_trait]
impl<E: Way> Work for Close<E> {
    type Ask = Closing;
    /// The order is closed; its lines leave it one slice after the other.
    type Place = bool;
    type Ready = ();
    const METHOD: &'static str = E::METHOD;

    async fn prepare(&self, _: &At<'_, Self>) -> Result<()> {
        Ok(())
    }

    async fn apply(&self, at: &At<'_, Self>, tx: &Tx, (): ()) -> Result<Slice<bool>> {
        let (ask, is_closed) = (&at.ask.order, *at.place);
        let row = ask.row(tx).await?;
        let order = match is_closed {
            false => ask.begun(&row, E::DEED, at.caller)?,
            true => at_work(&row, at.operation)?,
        };
        let page = lines::page_of_order(tx, ask.id, None, at.slice).await?;
        let ids: Vec<_> = page.into_iter().map(|(id, _)| id).collect();
        let rows = lines::of_order(tx, ask.id, &ids).await?;
        // It goes on saying over what it was.
        lines::take_out(tx, &rows, ask.id).await?;
        let is_ended = u64::try_from(ids.len()).is_ok_and(|it| it < at.slice);
        let made = Made {
            order,
            is_ended,
            batch: None,
            given_up: String::new(),
            reason: at.ask.words.clone(),
            note: String::new(),
        };
        write((&self.0, at, tx), (ask, E::ACTION), Some(&row), made).await?;
        Ok(Slice {
            total: (!is_closed).then(|| row.line_count.into()),
            done: i64::try_from(rows.len()).unwrap_or(i64::MAX),
            items: Vec::new(),
            next: match is_ended {
                true => Next::Done,
                false => Next::More(true),
            },
        })
    }
}
