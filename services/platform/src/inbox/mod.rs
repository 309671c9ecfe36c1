//! Events that came in: one policy for every service.
//!
//! An event is applied once, in the transaction that remembers it; or it is
//! known already; or it is *parked*: it cannot be applied now (refused, out of
//! order, behind a parked one on the same object) or is not understood. What is
//! parked is kept with its body, tried again for ever, and shown to operators
//! (`yuhui events`); events on other objects go on. Only what was applied or
//! parked is acknowledged: a fault is not, and the lane it came in backs off.

mod attempt;
pub mod operator;
mod order;
mod rows;
pub mod slices;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use prost::bytes::Bytes;
use sea_orm::{ColumnTrait as _, QueryFilter as _, QuerySelect as _};
use serde::Deserialize;
use tokio::time::{Instant, sleep};
use tonic::{Code, Request, Response, Status};
use yuhui_kernel::Tenant;
use yuhui_proto::{
    check::Body as _,
    internal::v1::{
        DeliverRequest, DeliverResponse, Event, event::Payload,
        event_sink_service_server::EventSinkService,
    },
};

use self::attempt::Outcome;
use crate::{
    Error, Result,
    backoff::pause,
    caller::{self, Caller},
    clock::{Clock, real_millis},
    db::{Database, Tenancy, Tx},
    outbox::Delivered,
    refusal::{Common, not_found},
    supervise::apart,
};

/// How long a delivery may go on with the slices of an event; the task does the rest.
const PATIENCE: Duration = Duration::from_secs(3);
/// Events of one tenant tried again together.
const TOGETHER: u64 = 64;

/// How often what was kept is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// How often it is looked for events whose pause is over.
    #[serde(with = "humantime_serde")]
    pub poll: Duration,
    /// First pause before a parked event is tried again.
    #[serde(with = "humantime_serde")]
    pub pause: Duration,
    /// Longest pause.
    #[serde(with = "humantime_serde")]
    pub longest_pause: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(1),
            pause: Duration::from_secs(10),
            longest_pause: Duration::from_secs(900),
        }
    }
}

/// An event as its consumer is told of it.
pub struct Told<'a> {
    /// The service it came from, as a caller.
    pub caller: &'a Caller,
    /// The county it happened in.
    pub tenant: Tenant,
    /// Its id.
    pub event_id: &'a str,
    /// The event.
    pub event: &'a Event,
    /// What happened.
    pub payload: &'a Payload,
    /// Where the last slice ended; empty before the first.
    pub cursor: &'a str,
}

/// How far an event has been applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All of it.
    Done,
    /// A slice of it; the cursor says where the next begins. Nothing of it may
    /// be seen before the last.
    More(String),
}

/// What a service does with events. Refusals park the event, faults and
/// `UNAVAILABLE` have it delivered again.
#[tonic::async_trait]
pub trait Consumer: Send + Sync + 'static {
    /// What an event refers to, fetched from its source.
    type Fetched: Send;

    /// The service that may tell of it; `None` for what is not for this service.
    fn sender(&self, payload: &Payload) -> Option<&'static str>;

    /// Asks for what the next slice needs, before its transaction.
    async fn fetch(&self, told: &Told<'_>) -> Result<Self::Fetched>;

    /// Applies the event, or its next slice, and records it.
    async fn apply(&self, tx: &Tx, told: &Told<'_>, fetched: Self::Fetched) -> Result<Progress>;

    /// Undoes the slices of an event that was refused after some.
    async fn start_over(&self, tx: &Tx, told: &Told<'_>) -> Result<()> {
        let _ = (tx, told);
        Ok(())
    }

    /// Follows an event that was applied, in transactions of its own.
    async fn applied(&self, tenant: Tenant) {
        let _ = tenant;
    }
}

/// The inbox of a service. Cheap to clone.
pub struct Inbox<C>(Arc<Inner<C>>);

struct Inner<C> {
    db: Database,
    clock: Clock,
    consumer: C,
}

impl<C> Clone for Inbox<C> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// What the inbox of a service does without being asked.
#[tonic::async_trait]
pub trait Attendant: Send + Sync {
    /// Tries parked events again when their pause is over, until dropped.
    async fn attend(&self, pace: Pace);

    /// Finishes every event of which some slices are applied.
    async fn settle(&self) -> Result<()>;
}

/// Events of all tenants of which some slices are not applied yet.
pub async fn arriving(db: &Database) -> Result<u64> {
    let tx = db.read(Tenancy::All).await?;
    Ok(rows::arriving(&tx).await?.len() as u64)
}

impl<C: Consumer> Inbox<C> {
    /// The inbox of the service whose database it is.
    pub fn new(db: Database, clock: Clock, consumer: C) -> Self {
        Self(Arc::new(Inner {
            db,
            clock,
            consumer,
        }))
    }

    /// Takes an event in: after this it is applied, or kept.
    async fn receive(&self, caller: &Caller, ask: DeliverRequest) -> Result<()> {
        let county = Tenant::parse(&ask.county);
        let county = county.map_err(|_| not_found(format!("counties/{}", ask.county)))?;
        let tenant = caller.tenant_for(&county)?;
        let letter = rows::Letter::of(ask, caller)?;
        // One service cannot speak for another, whatever the event says of its source.
        if let Ok((_, payload)) = letter.read()
            && let Some(sender) = self.0.consumer.sender(&payload)
            && sender != letter.source
        {
            return Err(Common::ForeignEvent.into());
        }
        if self.work(tenant, &letter, None).await? == Outcome::Applied {
            self.follow(tenant).await;
        }
        Ok(())
    }

    /// What may follow an event that was applied, or an act that events may have waited for. It is
    /// caught up later if it fails.
    pub async fn follow(&self, tenant: Tenant) {
        self.0.consumer.applied(tenant).await;
        if let Err(error) = self.retry(tenant).await {
            tracing::warn!(%tenant, %error, "parked events are not tried again yet");
        }
    }

    /// Tries the parked events of a tenant again, in order of arrival, until
    /// none fits any more: something happened that they may have waited for.
    async fn retry(&self, tenant: Tenant) -> Result<()> {
        loop {
            let tx = self.0.db.read(tenant).await?;
            let waiting = rows::waiting(&tx, TOGETHER).await?;
            drop(tx);
            let mut has_moved = false;
            for row in waiting {
                if self.work_apart(tenant, row).await? == Outcome::Applied {
                    self.0.consumer.applied(tenant).await;
                    has_moved = true;
                }
            }
            if !has_moved {
                return Ok(());
            }
        }
    }

    /// Applies an event slice by slice. One that is kept already has its `row`.
    async fn work(
        &self,
        tenant: Tenant,
        letter: &rows::Letter,
        row: Option<&rows::Model>,
    ) -> Result<Outcome> {
        let begun = Instant::now();
        let mut cursor = match row {
            None => String::new(),
            Some(_) => rows::cursor(&self.0.db.read(tenant).await?, letter).await?,
        };
        let mut is_kept = row.is_some();
        loop {
            match self.attempt(tenant, letter, is_kept, &cursor).await? {
                Outcome::More(next) if begun.elapsed() < PATIENCE => {
                    cursor = next;
                    is_kept = true;
                }
                outcome => return Ok(outcome),
            }
        }
    }

    /// Works on a kept event; if the consumer panics that is a fault of this event alone.
    async fn work_apart(&self, tenant: Tenant, row: rows::Model) -> Result<Outcome> {
        let inbox = self.clone();
        let work = async move {
            let letter = rows::Letter::from(&row);
            inbox.work(tenant, &letter, Some(&row)).await
        };
        apart(work).await
    }

    /// One round of the task; answers whether there may be more to do at once.
    async fn round(&self, pace: Pace) -> Result<bool> {
        let tx = self.0.db.read(Tenancy::All).await?;
        let due = rows::due(&tx, real_millis(), TOGETHER).await?;
        drop(tx);
        let mut goes_on = false;
        for row in due {
            let Ok(tenant) = Tenant::parse(&row.tenant) else {
                continue;
            };
            match self.work_apart(tenant, row.clone()).await {
                Ok(Outcome::Applied) => self.follow(tenant).await,
                Ok(Outcome::More(_)) => goes_on = true,
                Ok(Outcome::Known) => {}
                Ok(Outcome::Parked) => self.put_off(pace, tenant, &row, None).await?,
                Err(error) => self.put_off(pace, tenant, &row, Some(&error)).await?,
            }
        }
        Ok(goes_on)
    }

    async fn put_off(
        &self,
        pace: Pace,
        tenant: Tenant,
        row: &rows::Model,
        error: Option<&Error>,
    ) -> Result<()> {
        if let Some(error) = error {
            let (source, event) = (&row.source, &row.event_id);
            tracing::warn!(%tenant, source, event, %error, "a kept event is not applied yet");
        }
        let attempts = u32::try_from(row.attempts).unwrap_or(0);
        let pause = pause(pace.pause, pace.longest_pause, attempts);
        let tx = self.0.db.begin(tenant).await?;
        rows::put_off(&tx, row, pause).await?;
        tx.commit().await
    }
}

#[tonic::async_trait]
impl<C: Consumer> Attendant for Inbox<C> {
    async fn attend(&self, pace: Pace) {
        loop {
            match self.round(pace).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "kept events are not looked at"),
            }
            sleep(pace.poll).await;
        }
    }

    async fn settle(&self) -> Result<()> {
        loop {
            let tx = self.0.db.read(Tenancy::All).await?;
            let arriving = rows::arriving(&tx).await?;
            drop(tx);
            if arriving.is_empty() {
                return Ok(());
            }
            for row in arriving {
                let tenant = Tenant::parse(&row.tenant).map_err(anyhow::Error::from)?;
                let letter = rows::Letter::from(&row);
                if self.work(tenant, &letter, Some(&row)).await? == Outcome::Applied {
                    self.follow(tenant).await;
                }
            }
        }
    }
}

#[tonic::async_trait]
impl<C: Consumer> EventSinkService for Inbox<C> {
    async fn deliver(
        &self,
        request: Request<DeliverRequest>,
    ) -> Result<Response<DeliverResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        self.receive(&caller, ask).await?;
        Ok(Response::new(DeliverResponse {}))
    }
}

impl rows::Letter {
    /// The event in the letter; if it cannot be understood, why.
    fn read(&self) -> Result<(Event, Payload), String> {
        if crate::outbox::digest(&self.body) != self.digest {
            return Err("it is not what was sent: its digest differs".into());
        }
        let event = Event::read(Bytes::from(self.body.clone()));
        let mut event = event.map_err(|status| told(&status))?;
        let payload = event.payload.take();
        let payload = payload.ok_or_else(|| format!("`{}` is unknown", self.kind))?;
        Ok((event, payload))
    }
}

/// What a status says, with the fields at fault.
fn told(status: &Status) -> String {
    use tonic_types::StatusExt as _;
    let fields = status.get_details_bad_request();
    let fields = fields.map_or_else(Vec::new, |it| it.field_violations);
    let fields = fields.into_iter().take(3);
    let fields: Vec<_> = fields
        .map(|it| format!("{}: {}", it.field, it.description))
        .collect();
    match fields.is_empty() {
        true => status.message().to_owned(),
        false => fields.join("; "),
    }
}

/// Whether the event itself is refused: delivering it again at once would not help.
fn refuses(error: &Error) -> bool {
    matches!(error, Error::Refused(_))
        && !matches!(
            error.code(),
            Code::Unavailable
                | Code::Aborted
                | Code::DeadlineExceeded
                | Code::ResourceExhausted
                | Code::Cancelled
                | Code::Unauthenticated
                | Code::Internal
                | Code::Unknown
        )
}

/// Objects of the tenant about which something is kept that is not applied: what
/// is known of them may be out of date.
pub async fn unsettled(tx: &Tx) -> Result<BTreeSet<String>> {
    let objects = tx
        .find::<rows::Entity>()
        .filter(rows::Column::State.is_in(rows::WAITING))
        .select_only()
        .column(rows::Column::Object);
    let objects: Vec<String> = objects.into_tuple().all(tx.connection()).await?;
    Ok(objects.into_iter().collect())
}

/// Those of `events` of `source` that this tenant does not know, or knew once
/// and has forgotten since it had later ones on the same object.
pub(crate) async fn unknown(
    tx: &Tx,
    source: &str,
    events: Vec<Delivered>,
) -> Result<Vec<Delivered>> {
    let ids = events.iter().map(|it| it.event_id.clone());
    let rows = tx
        .find::<rows::Entity>()
        .filter(rows::Column::Source.eq(source))
        .filter(rows::Column::EventId.is_in(ids))
        .select_only()
        .column(rows::Column::EventId);
    let known: Vec<String> = rows.into_tuple().all(tx.connection()).await?;
    let known: BTreeSet<String> = known.into_iter().collect();
    let mut unknown = Vec::new();
    for event in events
        .into_iter()
        .filter(|it| !known.contains(&it.event_id))
    {
        let applied = rows::applied(tx, source, &event.object).await?;
        if applied < event.revision {
            unknown.push(event);
        }
    }
    Ok(unknown)
}

/// Forgets events of the tenant that were applied before that moment
/// (milliseconds since 1970); answers how many. What was applied of each object
/// stays.
pub(crate) async fn prune(tx: &Tx, before: i64) -> Result<u64> {
    let done = tx
        .delete_where::<rows::Entity>()
        .filter(rows::Column::State.eq(rows::APPLIED))
        .filter(rows::Column::Settled.lt(before))
        .exec(tx.connection())
        .await?;
    Ok(done.rows_affected)
}

#[cfg(test)]
mod tests;
