//! `EventSinkService`: what the other services tell the ledger.

mod payments;
mod recoveries;
mod rosters;

use prost::Message as _;
use tonic::{Code, Request, Response, Status};
use yuhui_kernel::{Tenant, dates};
use yuhui_platform::{
    Caller, Error, Result, audit, caller, inbox,
    refusal::{Violation, invalid, not_found},
};
use yuhui_proto::events::v1::{
    DeliverRequest, DeliverResponse, Event, event::Payload,
    event_sink_service_server::EventSinkService,
};

use super::{
    Handlers,
    act::{Act, inconsistent},
};
use crate::{
    book::RoundBook,
    domain::reconciliation::agrees,
    refusal::Refusal,
    store::{book::refused, lines, parked},
};

#[tonic::async_trait]
impl EventSinkService for Handlers {
    async fn deliver(
        &self,
        request: Request<DeliverRequest>,
    ) -> Result<Response<DeliverResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        let event = ask.event.unwrap_or_default();
        self.receive(&caller, &event).await?;
        Ok(Response::new(DeliverResponse {}))
    }
}

/// The service that may send an event; `None` for events that are none of the ledger's.
fn sender(payload: &Payload) -> Option<&'static str> {
    match payload {
        Payload::RosterSealed(_)
        | Payload::RosterRecorded(_)
        | Payload::LineTerminated(_)
        | Payload::CaseContestable(_)
        | Payload::RecoveryDecided(_) => Some("eligibility"),
        Payload::BatchReleased(_) | Payload::LinesSettled(_) => Some("disbursement"),
        _ => None,
    }
}

impl Handlers {
    async fn receive(&self, caller: &Caller, event: &Event) -> Result<()> {
        if event.event_id.is_empty() {
            let violation = Violation::new("event.event_id", "不得为空", "must not be empty");
            return Err(invalid(vec![violation]).into());
        }
        let county = Tenant::parse(&event.county)
            .map_err(|_| not_found(format!("counties/{}", event.county)))?;
        let Some(sender) = event.payload.as_ref().and_then(sender) else {
            return Ok(());
        };
        // One service cannot speak for another, whatever the event says of its source.
        if caller.via.as_deref() != Some(sender) {
            return Err(Refusal::NotTheSenders.into());
        }
        match self.take(caller, county, event, None).await {
            Ok(true) => self.follow(county).await,
            Ok(false) => {}
            Err(error) if is_refusal(&error) => {
                self.park(caller, county, event, sender, &error).await?;
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Posts an event. A `parked` one was seen before and leaves its place; of others, those
    /// seen before change nothing. Answers whether it was posted.
    async fn take(
        &self,
        caller: &Caller,
        county: Tenant,
        event: &Event,
        parked: Option<i64>,
    ) -> Result<bool> {
        let tx = self.0.db.begin(county).await?;
        let is_new = match parked {
            Some(number) => parked::remove(&tx, number).await?,
            None => inbox::first_time(&tx, &event.event_id).await?,
        };
        if !is_new {
            return Ok(false);
        }
        let mut act = Act::open(&self.0, &tx, caller, &event.event_id).await?;
        if let Ok(date) = dates::parse(&event.effective_on) {
            act.effective_on(date);
        }
        match &event.payload {
            Some(Payload::RosterSealed(it)) => rosters::sealed(&mut act, it).await?,
            Some(Payload::RosterRecorded(it)) => rosters::recorded(&mut act, it).await?,
            Some(Payload::LineTerminated(it)) => rosters::terminated(&mut act, it).await?,
            Some(Payload::CaseContestable(it)) => rosters::contestable(&mut act, it).await?,
            Some(Payload::BatchReleased(it)) => payments::released(&mut act, it).await?,
            Some(Payload::LinesSettled(it)) => payments::settled(&mut act, it).await?,
            Some(Payload::RecoveryDecided(it)) => recoveries::decided(&mut act, it).await?,
            _ => {}
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Keeps an event that does not fit, unless it was seen before.
    async fn park(
        &self,
        caller: &Caller,
        county: Tenant,
        event: &Event,
        sender: &str,
        error: &Error,
    ) -> Result<()> {
        let tx = self.0.db.begin(county).await?;
        if !inbox::first_time(&tx, &event.event_id).await? {
            return Ok(());
        }
        let reason = error.to_string();
        tracing::warn!(%county, event = event.event_id, reason, "event is parked");
        parked::insert(&tx, &event.event_id, sender, event.encode_to_vec(), &reason).await?;
        let object = format!("events/{}", event.event_id);
        let entry = audit::Entry::new("funding.event.park", object).reason(reason);
        audit::record(&tx, caller, self.0.clock.now(), entry).await?;
        tx.commit().await
    }

    /// Tries parked events again, in order of arrival, until none fits any more.
    pub(super) async fn retry_parked(&self, county: Tenant) -> Result<()> {
        loop {
            let tx = self.0.db.read(county).await?;
            let waiting = parked::list(&tx).await?;
            drop(tx);
            let mut has_moved = false;
            for row in waiting {
                let event = Event::decode(row.event.as_slice())?;
                let caller = Caller::service(&row.sender, Some(county));
                match self.take(&caller, county, &event, Some(row.number)).await {
                    Ok(posted) => has_moved |= posted,
                    Err(error) if is_refusal(&error) => {}
                    Err(error) => return Err(error),
                }
            }
            if !has_moved {
                return Ok(());
            }
        }
    }
}

/// Whether the event itself is refused: trying again at once would not help.
fn is_refusal(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::FailedPrecondition | Code::InvalidArgument | Code::OutOfRange
    )
}

/// F.3: 2001 = Σ open lines, 1002 = Σ lines sent without answer; checked whenever lines moved.
async fn check_lines(act: &Act<'_>, round: i32, book: &RoundBook) -> Result<()> {
    let sums = lines::sums(act.tx, round).await?;
    if agrees(book, &sums).map_err(refused)? {
        Ok(())
    } else {
        Err(inconsistent("payment lines and book would differ").into())
    }
}
