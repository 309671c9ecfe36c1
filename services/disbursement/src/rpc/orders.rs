//! Orders: proposed and approved here; released in [`super::release`].

use tonic::{Request, Response, Status};
use uuid::Uuid;
use yuhui_kernel::Money;
use yuhui_platform::{
    Caller, Error, Result, audit, caller, clock::fresh_id, db::Tx, idempotency::Key, paging::Page,
    refusal::not_found,
};
use yuhui_proto::disbursement::v1::{
    self as pb, payment_order_service_server::PaymentOrderService,
};

use super::{clearance::Clearance, hand, named, show};
use crate::{
    Deps,
    domain::{
        line::LineState,
        name,
        order::{Order, OrderFault},
    },
    refusal::Refused,
    store::{lines, orders},
};

/// Rounds are years.
const ROUNDS: std::ops::RangeInclusive<i32> = 2000..=9999;

/// The service.
pub struct Orders(pub Deps);

impl Orders {
    async fn propose(
        &self,
        caller: &Caller,
        ask: pb::ProposePaymentOrderRequest,
    ) -> Result<pb::ProposePaymentOrderResponse> {
        let tenant = caller.tenant_for(&named(name::county, &ask.parent)?)?;
        if !ROUNDS.contains(&ask.round) {
            return Err(Refused::Round.into());
        }
        let key = Key::new(caller, &ask.request_id, &ask)?;
        // A repeated command is answered even while eligibility is not.
        let tx = self.0.db.read(tenant).await?;
        if let Some(answer) = key.answered(&tx).await? {
            return Ok(answer);
        }
        drop(tx);
        let today = self.0.clock.today();
        let cleared = Clearance::of_day(&self.0, caller, (tenant, ask.round), today).await?;

        let tx = self.0.db.begin(tenant).await?;
        if let Some(answer) = key.answered(&tx).await? {
            return Ok(answer);
        }
        let state = match ask.corrected {
            true => LineState::Corrected,
            false => LineState::Ready,
        };
        let mut rows = lines::waiting(&tx, ask.round, state).await?;
        rows.retain(|row| cleared.covers(row));
        let row = self.keep(&tx, caller, &ask, &rows).await?;
        let answer = pb::ProposePaymentOrderResponse {
            order: Some(show::order(&row)?),
        };
        key.remember(&tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }

    /// Keeps the order over `rows`.
    async fn keep(
        &self,
        tx: &Tx,
        caller: &Caller,
        ask: &pb::ProposePaymentOrderRequest,
        rows: &[lines::Model],
    ) -> Result<orders::Model> {
        if rows.is_empty() {
            let subject = format!("{}/rounds/{}", ask.parent, ask.round);
            return Err(Refused::NothingPayable { subject }.into());
        }
        let order = Order::proposed(hand(caller));
        let over = (ask.round, ask.corrected);
        let row = orders::insert(tx, fresh_id(), over, &order, content(rows)?).await?;
        lines::assign(tx, rows, row.id).await?;
        let entry = audit::Entry::new(
            "disbursement.order.propose",
            name::of_order(&row.tenant, row.id),
        );
        let entry = entry.after(&show::order_for_audit(&row));
        audit::record(tx, caller, self.0.clock.now(), entry).await?;
        Ok(row)
    }

    async fn approve(
        &self,
        caller: &Caller,
        ask: pb::ApprovePaymentOrderRequest,
    ) -> Result<pb::ApprovePaymentOrderResponse> {
        let order = named(name::order, &ask.name)?;
        let tenant = caller.tenant_for(&order.tenant)?;
        let key = Key::new(caller, &ask.request_id, &ask)?;
        let tx = self.0.db.read(tenant).await?;
        if let Some(answer) = key.answered(&tx).await? {
            return Ok(answer);
        }
        let by = hand(caller);
        let fits = |order: Order| order.approve(by);
        let round = round_of(&tx, &ask.name, order.id, fits).await?;
        drop(tx);
        let cleared = Clearance::standing(&self.0, caller, (tenant, round)).await?;

        let tx = self.0.db.begin(tenant).await?;
        if let Some(answer) = key.answered(&tx).await? {
            return Ok(answer);
        }
        let row = orders::get(&tx, order.id).await?;
        let row = row.ok_or_else(|| not_found(&ask.name))?;
        let approved = row.order()?.approve(hand(caller));
        let approved = approved.map_err(|fault| Refused::order(fault, &ask.name))?;
        let kept = cleared.screen(&self.0, &tx, caller, &row).await?;
        let next = orders::advance(&tx, &row, &approved, content(&kept)?, None).await?;
        let entry = audit::Entry::new("disbursement.order.approve", &ask.name)
            .before(&show::order_for_audit(&row))
            .after(&show::order_for_audit(&next));
        audit::record(&tx, caller, self.0.clock.now(), entry).await?;
        let answer = pb::ApprovePaymentOrderResponse {
            order: Some(show::order(&next)?),
        };
        key.remember(&tx, &answer).await?;
        tx.commit().await?;
        Ok(answer)
    }

    async fn get(&self, caller: &Caller, name: &str) -> Result<pb::PaymentOrder> {
        let order = named(name::order, name)?;
        let tenant = caller.tenant_for(&order.tenant)?;
        let tx = self.0.db.read(tenant).await?;
        let row = orders::get(&tx, order.id).await?;
        show::order(&row.ok_or_else(|| not_found(name))?)
    }

    async fn list(
        &self,
        caller: &Caller,
        ask: pb::ListPaymentOrdersRequest,
    ) -> Result<pb::ListPaymentOrdersResponse> {
        let tenant = caller.tenant_for(&named(name::county, &ask.parent)?)?;
        let page = Page::parse(ask.page_size, &ask.page_token)?;
        let tx = self.0.db.read(tenant).await?;
        let rows = orders::page(&tx, &page).await?;
        let (rows, next_page_token) = page.cut(rows, |row| row.id.to_string());
        Ok(pb::ListPaymentOrdersResponse {
            orders: rows.iter().map(show::order).collect::<Result<_>>()?,
            next_page_token,
        })
    }

    async fn list_lines(
        &self,
        caller: &Caller,
        ask: pb::ListPaymentLinesRequest,
    ) -> Result<pb::ListPaymentLinesResponse> {
        let tenant = caller.tenant_for(&named(name::county, &ask.parent)?)?;
        let page = Page::parse(ask.page_size, &ask.page_token)?;
        let round = (ask.round != 0).then_some(ask.round);
        let tx = self.0.db.read(tenant).await?;
        let rows = lines::page(&tx, round, &states(&ask), &page).await?;
        let (rows, next_page_token) = page.cut(rows, |row| row.id.to_string());
        let lines = rows.into_iter().map(|it| show::line(&self.0.vault, it));
        Ok(pb::ListPaymentLinesResponse {
            lines: lines.collect::<Result<_>>()?,
            next_page_token,
        })
    }
}

/// The round of an order that the act fits: told before another service is asked.
pub(super) async fn round_of(
    tx: &Tx,
    name: &str,
    id: Uuid,
    act: impl FnOnce(Order) -> Result<Order, OrderFault>,
) -> Result<i32> {
    let row = orders::get(tx, id).await?;
    let row = row.ok_or_else(|| not_found(name))?;
    act(row.order()?).map_err(|fault| Refused::order(fault, name))?;
    Ok(row.round)
}

/// What an order over `rows` amounts to.
pub(super) fn content(rows: &[lines::Model]) -> Result<orders::Content> {
    let line_count = i32::try_from(rows.len()).ok();
    let total = Money::total(rows.iter().map(lines::Model::amount));
    line_count
        .zip(total)
        .map(|(line_count, total)| orders::Content { line_count, total })
        .ok_or_else(|| Error::fault("an order too large to count"))
}

/// The states a list of lines is narrowed to.
fn states(ask: &pb::ListPaymentLinesRequest) -> Vec<lines::Shown> {
    use pb::payment_line::State;
    let wanted = ask.states().filter_map(|state| match state {
        State::Unspecified => None,
        State::Held => Some(lines::Shown::Held),
        State::Ready => Some(lines::Shown::As(LineState::Ready)),
        State::Corrected => Some(lines::Shown::As(LineState::Corrected)),
        State::Sent => Some(lines::Shown::As(LineState::Sent)),
        State::Credited => Some(lines::Shown::As(LineState::Credited)),
        State::Returned => Some(lines::Shown::As(LineState::Returned)),
        State::Cancelled => Some(lines::Shown::As(LineState::Cancelled)),
    });
    wanted.collect()
}

#[tonic::async_trait]
impl PaymentOrderService for Orders {
    async fn propose_payment_order(
        &self,
        request: Request<pb::ProposePaymentOrderRequest>,
    ) -> Result<Response<pb::ProposePaymentOrderResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.propose(&caller, ask).await?))
    }

    async fn approve_payment_order(
        &self,
        request: Request<pb::ApprovePaymentOrderRequest>,
    ) -> Result<Response<pb::ApprovePaymentOrderResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.approve(&caller, ask).await?))
    }

    async fn release_payment_order(
        &self,
        request: Request<pb::ReleasePaymentOrderRequest>,
    ) -> Result<Response<pb::ReleasePaymentOrderResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.release(&caller, ask).await?))
    }

    async fn get_payment_order(
        &self,
        request: Request<pb::GetPaymentOrderRequest>,
    ) -> Result<Response<pb::GetPaymentOrderResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let order = Some(self.get(&caller, &ask.name).await?);
        Ok(Response::new(pb::GetPaymentOrderResponse { order }))
    }

    async fn list_payment_orders(
        &self,
        request: Request<pb::ListPaymentOrdersRequest>,
    ) -> Result<Response<pb::ListPaymentOrdersResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.list(&caller, ask).await?))
    }

    async fn list_payment_lines(
        &self,
        request: Request<pb::ListPaymentLinesRequest>,
    ) -> Result<Response<pb::ListPaymentLinesResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        Ok(Response::new(self.list_lines(&caller, ask).await?))
    }
}
