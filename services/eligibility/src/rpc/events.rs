//! Events: what this service tells the others, and what it is told (outbox and inbox).

use time::Date;
use tonic::{Request, Response, Status};
use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{
    Error, Result,
    caller::{self, Caller},
    db::Tx,
    inbox,
    refusal::not_found,
};
use yuhui_proto::events::v1::{
    self as events, DeliverRequest, DeliverResponse, Event, event::Payload,
    event_sink_service_server::EventSinkService,
};

use super::convert;
use crate::{
    desk::{self, Desk},
    domain::{Case, State, Step},
    store::{self, cases::Stored},
};

/// Name of the ledger service.
pub(crate) const LEDGER: &str = "funding-ledger";
/// Name of the disbursement service.
pub(crate) const DISBURSEMENT: &str = "disbursement";

/// An event of this service; the outbox adds id, county and time.
pub(crate) fn event(on: Date, payload: Payload) -> Event {
    Event {
        effective_on: dates::format(on),
        payload: Some(payload),
        ..Event::default()
    }
}

/// A case on a sealed roster will not be paid.
pub(crate) fn line_terminated(case: &Case, reason: &str, on: Date) -> Event {
    let roster = case
        .roster
        .map(|it| format!("counties/{}/rosters/{it}", case.tenant.as_str()));
    let payload = Payload::LineTerminated(events::LineTerminated {
        case: case.name(),
        roster: roster.unwrap_or_default(),
        programme: convert::programme(case.programme).into(),
        round: case.round,
        amount_fen: case.amount().fen(),
        reason: reason.into(),
    });
    event(on, payload)
}

/// Where the other services' events arrive.
pub(crate) struct Sink(pub(crate) Desk);

#[tonic::async_trait]
impl EventSinkService for Sink {
    async fn deliver(
        &self,
        request: Request<DeliverRequest>,
    ) -> Result<Response<DeliverResponse>, Status> {
        let (_, ask) = caller::accept(request)?;
        take(&self.0, ask.event.unwrap_or_default()).await?;
        Ok(Response::new(DeliverResponse {}))
    }
}

/// Applies one event to every case it concerns, in one transaction.
async fn take(desk: &Desk, event: Event) -> Result<()> {
    let tenant = Tenant::parse(&event.county).map_err(|_| not_found(event.county.clone()))?;
    let source = Caller::service(&event.source, Some(tenant));
    let tx = desk.db.begin(tenant).await?;
    if !inbox::first_time(&tx, &event.event_id).await? {
        return Ok(());
    }
    match event.payload {
        Some(Payload::RoundFunded(it)) => {
            for roster in &it.rosters {
                let (_, id) =
                    desk::parse_name(roster, "rosters").ok_or_else(|| not_found(roster))?;
                for stored in store::cases::on_roster(&tx, id).await? {
                    apply(desk, &tx, &source, stored, Step::Fund, "case.fund", "").await?;
                }
            }
        }
        Some(Payload::BatchReleased(it)) => {
            for stored in named(&tx, &it.cases).await? {
                apply(
                    desk,
                    &tx,
                    &source,
                    stored,
                    Step::Send,
                    "case.send",
                    &it.batch,
                )
                .await?;
            }
        }
        Some(Payload::LinesSettled(it)) => settle(desk, &tx, &source, &it).await?,
        Some(Payload::RecoverySettled(it)) => {
            let step = if it.recovered {
                Step::SettleRecovered
            } else {
                Step::SettleWrittenOff
            };
            for stored in named(&tx, &[it.case]).await? {
                apply(desk, &tx, &source, stored, step, "case.settle_recovery", "").await?;
            }
        }
        Some(_) | None => return Err(Error::fault("an event for another service")),
    }
    tx.commit().await
}

async fn settle(
    desk: &Desk,
    tx: &Tx,
    source: &Caller,
    settled: &events::LinesSettled,
) -> Result<()> {
    let names: Vec<String> = settled.lines.iter().map(|it| it.case.clone()).collect();
    for mut stored in named(tx, &names).await? {
        let name = stored.case.name();
        let Some(line) = settled.lines.iter().find(|it| it.case == name) else {
            continue;
        };
        if line.credited {
            stored.case.paid_on = dates::parse(&line.settled_on).ok();
            stored.case.return_code.clear();
            apply(
                desk,
                tx,
                source,
                stored,
                Step::Credit,
                "case.credit",
                &settled.batch,
            )
            .await?;
        } else {
            stored.case.return_code.clone_from(&line.return_code);
            apply(
                desk,
                tx,
                source,
                stored,
                Step::PaymentReturned,
                "case.payment_returned",
                &line.return_code,
            )
            .await?;
        }
    }
    Ok(())
}

/// One step on one case. A case that has moved on meanwhile (terminated between release and
/// delivery, say) keeps its state; the other side's records stay what they are.
async fn apply(
    desk: &Desk,
    tx: &Tx,
    source: &Caller,
    stored: Stored,
    step: Step,
    action: &str,
    reason: &str,
) -> Result<()> {
    let before = stored.case.clone();
    let mut case = stored.case;
    if case.state == State::Hold && step == Step::Fund {
        // Funded while on hold: it comes back from the hold as funded.
        case.resume = Some(State::Funded);
    } else if let Err(refused) = case.step(step) {
        tracing::warn!(case = %case.name(), state = refused.state.as_str(), ?step, "event does not fit");
        return Ok(());
    }
    let now = desk.clock.now();
    desk::save(
        tx,
        source,
        &before,
        &mut case,
        stored.sealed,
        None,
        now,
        action,
        reason,
    )
    .await
}

async fn named(tx: &Tx, names: &[String]) -> Result<Vec<Stored>> {
    let mut ids = Vec::with_capacity(names.len());
    for name in names {
        let (_, id) = desk::parse_name(name, "cases").ok_or_else(|| not_found(name))?;
        ids.push(id);
    }
    let mut found = Vec::with_capacity(ids.len());
    // A statement binds a limited number of values.
    for chunk in ids.chunks(500) {
        found.extend(store::cases::named(tx, chunk).await?);
    }
    Ok(found)
}
