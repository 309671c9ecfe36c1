//! The task that carries events to their destinations.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use prost::Message as _;
use sea_orm::{ColumnTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use serde::Deserialize;
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep, timeout},
};
use tonic::Code;
use yuhui_proto::internal::v1::{
    DeliverRequest, Event, event_sink_service_client::EventSinkServiceClient,
};

use super::{
    DROPPED, digest,
    lane::{self, LEASE, Lane, Standing, When},
    message,
};
use crate::{
    Error, Result,
    backoff::pause,
    caller::Caller,
    clock,
    db::{Database, Tenancy},
    error,
    peers::Peers,
    supervise::keep_going,
};

/// Longest pause of a lane if the destination is away: its fault is nobody's event.
const LONGEST_AWAY: Duration = Duration::from_secs(15);
/// Longest one event may take. A call is under its own deadline only once it has its turn on
/// the channel. Less than the lease, so that who carries it still holds the lane afterwards.
const HAND_OVER: Duration = Duration::from_secs(15);
/// Failures in a row after which [`Relay::drain`] gives up, and its pauses.
const DRAIN_FAILURES: u32 = 8;
const DRAIN_PAUSE: Duration = Duration::from_millis(50);
/// How long [`Relay::drain`] waits for lanes that somebody else carries before it looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How fast events are carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// Lanes to a destination carried at a time: one that does not answer takes no turns of the others.
    pub lanes: usize,
    /// Events of a lane read at a time.
    pub batch: u64,
    /// How often it is looked for events even if nobody wakes the relay: another replica may have
    /// written them, or an operator made a lane due.
    #[serde(with = "humantime_serde")]
    pub poll: Duration,
    /// First pause of a lane after a failed delivery.
    #[serde(with = "humantime_serde")]
    pub pause: Duration,
    /// Longest pause of a lane.
    #[serde(with = "humantime_serde")]
    pub longest_pause: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            lanes: 8,
            batch: 64,
            poll: Duration::from_secs(1),
            pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(300),
        }
    }
}

/// Carries the events of one database. Cheap to clone; several may carry those
/// of one database, in this process and in others.
#[derive(Clone)]
pub struct Relay(Arc<Inner>);

struct Inner {
    db: Database,
    peers: Peers,
    destinations: Vec<String>,
    pace: Pace,
    /// Who holds the lanes, for whoever reads the table.
    owner: String,
    /// Changes whenever a lane was carried.
    carried: watch::Sender<()>,
    stop: watch::Sender<bool>,
}

impl Relay {
    /// A relay to `destinations`, which must be known to `peers`.
    #[must_use]
    pub fn new(db: Database, peers: Peers, destinations: &[&str], pace: Pace) -> Self {
        Self(Arc::new(Inner {
            db,
            peers,
            destinations: destinations.iter().map(|it| (*it).to_owned()).collect(),
            pace,
            owner: clock::fresh_id().to_string(),
            carried: watch::Sender::new(()),
            stop: watch::Sender::new(false),
        }))
    }

    /// Runs until [`Relay::stop`], each destination on its own.
    #[must_use]
    pub fn spawn(&self) -> JoinHandle<()> {
        let relay = self.clone();
        tokio::spawn(async move {
            let destinations = relay.0.destinations.iter();
            let carrying = destinations.map(|destination| {
                keep_going("relay", || {
                    let (relay, destination) = (relay.clone(), destination.clone());
                    async move { relay.keep_delivering(&destination).await }
                })
            });
            join_all(carrying).await;
        })
    }

    /// Takes back the lanes that a process held which was at the same file
    /// before and did not end in order. Not for databases with several replicas:
    /// there the leases run out.
    pub async fn succeed(&self) -> Result<()> {
        lane::free(&self.0.db, &self.0.destinations).await
    }

    /// Ends the task after the batches in hand.
    pub fn stop(&self) {
        self.0.stop.send_replace(true);
    }

    /// Events not delivered yet.
    pub async fn pending(&self) -> Result<u64> {
        lane::waiting(&self.0.db, &self.0.destinations).await
    }

    /// Delivers until nothing is pending, whatever pauses; fails if a lane keeps
    /// failing. Works beside the task and without it.
    pub async fn drain(&self) -> Result<()> {
        let mut failures = 0;
        let mut carried = self.0.carried.subscribe();
        while self.pending().await? > 0 {
            carried.mark_unchanged();
            match self.carry_all().await {
                // Somebody else carries what is left.
                Ok(0) => {
                    _ = timeout(LOOK_AGAIN, carried.changed()).await;
                }
                Ok(_) => failures = 0,
                Err(error) if failures >= DRAIN_FAILURES => return Err(error),
                Err(_) => {
                    sleep(pause(DRAIN_PAUSE, LONGEST_AWAY, failures)).await;
                    failures += 1;
                }
            }
        }
        Ok(())
    }

    /// Carries every lane that nobody holds; answers how many there were. One
    /// that fails keeps none of the others.
    async fn carry_all(&self) -> Result<usize> {
        let (mut count, mut failed) = (0, None);
        for destination in &self.0.destinations {
            let lanes = self
                .claim(destination, self.0.pace.lanes, When::AtOnce)
                .await?;
            count += lanes.len();
            let carried = join_all(lanes.iter().map(|lane| self.carry(lane))).await;
            failed = failed.or(carried.into_iter().find_map(Result::err));
        }
        failed.map_or(Ok(count), Err)
    }

    async fn claim(&self, destination: &str, most: usize, when: When) -> Result<Vec<Lane>> {
        lane::claim(&self.0.db, destination, &self.0.owner, most, when).await
    }

    async fn keep_delivering(&self, destination: &str) {
        let Pace {
            lanes: most, poll, ..
        } = self.0.pace;
        let mut published = self.0.db.published();
        let mut stop = self.0.stop.subscribe();
        let mut lanes = JoinSet::new();
        while !*stop.borrow() {
            published.mark_unchanged();
            match self
                .claim(destination, most.saturating_sub(lanes.len()), When::Due)
                .await
            {
                Err(error) => tracing::warn!(destination, %error, "events are not looked for"),
                Ok(claimed) => {
                    for lane in claimed {
                        let relay = self.clone();
                        lanes.spawn(async move { relay.carry_on_record(&lane).await });
                    }
                }
            }
            // A lane that ended may have got more meanwhile.
            tokio::select! {
                _ = timeout(poll, published.changed()) => {}
                Some(_) = lanes.join_next() => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        }
        while lanes.join_next().await.is_some() {}
    }

    async fn carry_on_record(&self, lane: &Lane) {
        if let Err(error) = self.carry(lane).await {
            let Lane {
                destination,
                tenant,
                failures,
                ..
            } = lane;
            tracing::warn!(destination, tenant, failures, %error, "events are not delivered");
        }
    }

    /// Carries what waits on a lane that was claimed, and gives the lane back.
    async fn carry(&self, lane: &Lane) -> Result<()> {
        let carried = self.carry_batches(lane).await;
        self.0.carried.send_replace(());
        carried
    }

    async fn carry_batches(&self, lane: &Lane) -> Result<()> {
        let mut cursor = lane.cursor;
        loop {
            let batch = self.waiting(lane, cursor).await;
            let (mut is_last, mut failed) = (true, None);
            match batch {
                Err(error) => failed = Some(error),
                Ok(messages) => {
                    is_last = u64::try_from(messages.len()).is_ok_and(|it| it < self.0.pace.batch);
                    let mut renewed = Instant::now();
                    for message in messages {
                        if renewed.elapsed() > LEASE / 3 {
                            let standing = still(cursor);
                            if !lane::save(&self.0.db, lane, &standing).await? {
                                return self.is_not_ours(lane);
                            }
                            renewed = Instant::now();
                        }
                        match self.hand_over(lane, cursor, &message).await {
                            Ok(()) => cursor = message.seq,
                            Err(error) => {
                                failed = Some(error);
                                break;
                            }
                        }
                    }
                }
            }
            let goes_on = failed.is_none() && !is_last && !*self.0.stop.borrow();
            let standing = Standing {
                cursor,
                goes_on,
                failed: failed.as_ref().map(|it| (it, self.pause_after(lane, it))),
            };
            if !lane::save(&self.0.db, lane, &standing).await? {
                return self.is_not_ours(lane);
            }
            match failed {
                Some(error) => return Err(error),
                None if goes_on => {}
                None => return Ok(()),
            }
        }
    }

    /// What was delivered since is delivered again by who has the lane now, and
    /// known there by its id.
    fn is_not_ours(&self, lane: &Lane) -> Result<()> {
        let Lane {
            destination,
            tenant,
            epoch,
            ..
        } = lane;
        let owner = &self.0.owner;
        tracing::warn!(
            destination,
            tenant,
            epoch,
            owner,
            "the lane was taken over meanwhile"
        );
        Ok(())
    }

    fn pause_after(&self, lane: &Lane, error: &Error) -> Duration {
        let Pace {
            pause: first,
            longest_pause,
            ..
        } = self.0.pace;
        let longest = match error.code() {
            Code::Unavailable | Code::DeadlineExceeded => longest_pause.min(LONGEST_AWAY),
            _ => longest_pause,
        };
        pause(first, longest, u32::try_from(lane.failures).unwrap_or(0))
    }

    async fn waiting(&self, lane: &Lane, after: i64) -> Result<Vec<message::Model>> {
        let tx = self.0.db.read(Tenancy::named(&lane.tenant)?).await?;
        Ok(tx
            .find::<message::Entity>()
            .filter(message::Column::Destination.eq(&lane.destination))
            .filter(message::Column::Seq.gt(after))
            .order_by_asc(message::Column::Seq)
            .limit(self.0.pace.batch)
            .all(tx.connection())
            .await?)
    }

    async fn hand_over(&self, lane: &Lane, after: i64, message: &message::Model) -> Result<()> {
        must_be_whole(after, message)?;
        let tenant = match Tenancy::named(&message.tenant)? {
            Tenancy::One(tenant) => Some(tenant),
            Tenancy::City | Tenancy::All => None,
        };
        let mut caller = Caller::service(self.0.peers.me(), tenant);
        caller.request_id.clone_from(&message.event_id);
        let channel = self.0.peers.call(&lane.destination, &caller)?;
        let mut client = EventSinkServiceClient::new(channel);
        let delivery = client.deliver(DeliverRequest {
            event_id: message.event_id.clone(),
            county: message.tenant.clone(),
            kind: message.kind.clone(),
            object: message.object.clone(),
            revision: message.revision,
            digest: message.digest.clone(),
            event: message.body.clone(),
        });
        timeout(HAND_OVER, delivery)
            .await
            .map_err(|_| error::late())??;
        Ok(())
    }
}

/// What was changed or left out by hand goes nowhere: its lane waits until it is mended.
fn must_be_whole(after: i64, message: &message::Model) -> Result<()> {
    let message::Model { seq, event_id, .. } = message;
    if *seq != after + 1 {
        let missing = after + 1;
        return Err(Error::fault(format!(
            "event {missing} of the lane is missing"
        )));
    }
    if message.kind == DROPPED {
        return Ok(());
    }
    if let Err(error) = Event::decode(message.body.as_slice()) {
        let what = format!("event {seq} ({event_id}) cannot be decoded: {error}");
        return Err(Error::fault(what));
    }
    if digest(&message.body) != message.digest {
        let what = format!("event {seq} ({event_id}) is not what was written: its digest differs");
        return Err(Error::fault(what));
    }
    Ok(())
}

/// The lane as it is, held for longer.
fn still(cursor: i64) -> Standing<'static> {
    Standing {
        cursor,
        goes_on: true,
        failed: None,
    }
}
