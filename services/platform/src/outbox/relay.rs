//! The task that carries events to their destinations.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures::future::join_all;
use prost::Message as _;
use sea_orm::{
    ColumnTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    sea_query::Expr,
};
use tokio::{
    sync::{Mutex, watch},
    task::JoinHandle,
    time::{sleep, timeout},
};
use yuhui_proto::events::v1::{
    DeliverRequest, Event, event_sink_service_client::EventSinkServiceClient,
};

use super::letter;
use crate::{
    Result,
    caller::Caller,
    clock,
    db::{Database, Tenancy},
    error,
    peers::Peers,
};

/// Events carried at a time.
const BATCH: u64 = 64;
/// Looks for events this often even if nobody wakes it: another replica of
/// the service may have written them.
const POLL: Duration = Duration::from_secs(2);
/// First and longest pause after a failed delivery.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// Longest one event may take. A call is under its own deadline only once it has its turn on
/// the channel, and whoever waits for the lane waits for this.
const HAND_OVER: Duration = Duration::from_secs(15);
/// Failures in a row after which [`Relay::drain`] gives up.
const DRAIN_FAILURES: u32 = 8;

/// Carries the events of one database. Cheap to clone.
#[derive(Clone)]
pub struct Relay(Arc<Inner>);

struct Inner {
    db: Database,
    peers: Peers,
    /// One lane per destination; whoever delivers on it holds the lock, so
    /// that events stay in order.
    lanes: BTreeMap<String, Mutex<()>>,
    stop: watch::Sender<bool>,
}

impl Relay {
    /// A relay to `destinations`, which must be known to `peers`.
    #[must_use]
    pub fn new(db: Database, peers: Peers, destinations: &[&str]) -> Self {
        let lanes = destinations
            .iter()
            .map(|name| ((*name).to_owned(), Mutex::new(())));
        Self(Arc::new(Inner {
            db,
            peers,
            lanes: lanes.collect(),
            stop: watch::Sender::new(false),
        }))
    }

    /// Runs until [`Relay::stop`], each destination on its own.
    #[must_use]
    pub fn spawn(&self) -> JoinHandle<()> {
        let relay = self.clone();
        tokio::spawn(async move {
            let lanes = relay.0.lanes.keys();
            join_all(lanes.map(|destination| relay.keep_delivering(destination))).await;
        })
    }

    /// Ends the task after the batch in hand.
    pub fn stop(&self) {
        self.0.stop.send_replace(true);
    }

    /// Events not delivered yet.
    pub async fn pending(&self) -> Result<u64> {
        let tx = self.0.db.read(Tenancy::All).await?;
        let rows = tx
            .find::<letter::Entity>()
            .filter(letter::Column::DeliveredMs.is_null());
        Ok(rows.count(tx.connection()).await?)
    }

    /// Delivers until nothing is pending; fails if a destination keeps
    /// failing. Works beside the task and without it.
    pub async fn drain(&self) -> Result<()> {
        for destination in self.0.lanes.keys() {
            let mut failures = 0;
            loop {
                match self.deliver(destination).await {
                    Ok(0) => break,
                    Ok(_) => failures = 0,
                    Err(error) if failures >= DRAIN_FAILURES => return Err(error),
                    Err(_) => {
                        sleep(pause(failures)).await;
                        failures += 1;
                    }
                }
            }
        }
        Ok(())
    }

    async fn keep_delivering(&self, destination: &str) {
        let mut published = self.0.db.published();
        let mut stop = self.0.stop.subscribe();
        let mut failures = 0;
        while !*stop.borrow() {
            published.mark_unchanged();
            let wait = match self.deliver(destination).await {
                Ok(0) => POLL,
                Ok(_) => {
                    failures = 0;
                    continue;
                }
                Err(error) => {
                    tracing::warn!(destination, failures, %error, "events are not delivered");
                    let wait = pause(failures);
                    failures += 1;
                    wait
                }
            };
            // New events cut the wait for more short, but not the pause after
            // a failure.
            let wake = async {
                if failures > 0 || published.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                _ = timeout(wait, wake) => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        }
    }

    /// Carries one batch; answers how many events were delivered.
    async fn deliver(&self, destination: &str) -> Result<usize> {
        let Some(lane) = self.0.lanes.get(destination) else {
            return Ok(0);
        };
        let _turn = lane.lock().await;
        let letters = self.waiting(destination).await?;
        let mut delivered: Vec<letter::Model> = Vec::with_capacity(letters.len());
        let mut failed = None;
        for letter in letters {
            match self.hand_over(destination, &letter).await {
                Ok(()) => delivered.push(letter),
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        self.mark(&delivered).await?;
        match failed {
            Some(error) => Err(error),
            None => Ok(delivered.len()),
        }
    }

    async fn waiting(&self, destination: &str) -> Result<Vec<letter::Model>> {
        let tx = self.0.db.read(Tenancy::All).await?;
        Ok(tx
            .find::<letter::Entity>()
            .filter(letter::Column::Destination.eq(destination))
            .filter(letter::Column::DeliveredMs.is_null())
            .order_by_asc(letter::Column::Seq)
            .limit(BATCH)
            .all(tx.connection())
            .await?)
    }

    async fn hand_over(&self, destination: &str, letter: &letter::Model) -> Result<()> {
        let mut event = Event::decode(letter.event.as_slice())?;
        event.source = self.0.peers.me().to_owned();
        let tenant = match Tenancy::named(&letter.tenant)? {
            Tenancy::One(tenant) => Some(tenant),
            Tenancy::City | Tenancy::All => None,
        };
        let mut caller = Caller::service(self.0.peers.me(), tenant);
        caller.request_id.clone_from(&letter.event_id);
        let channel = self.0.peers.call(destination, &caller)?;
        let mut client = EventSinkServiceClient::new(channel);
        let delivery = client.deliver(DeliverRequest { event: Some(event) });
        timeout(HAND_OVER, delivery)
            .await
            .map_err(|_| error::late())??;
        Ok(())
    }

    /// A crash before this delivers the events again; the destination knows
    /// them by their id.
    async fn mark(&self, delivered: &[letter::Model]) -> Result<()> {
        let now = clock::real_now().unix_timestamp() * 1000;
        for run in delivered.chunk_by(|a, b| a.tenant == b.tenant) {
            let Some(first) = run.first() else { continue };
            let tx = self.0.db.begin(Tenancy::named(&first.tenant)?).await?;
            tx.update_where::<letter::Entity>()
                .col_expr(letter::Column::DeliveredMs, Expr::value(now))
                .filter(letter::Column::Seq.is_in(run.iter().map(|letter| letter.seq)))
                .exec(tx.connection())
                .await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

/// Doubles with each failure, and varies, so that the services of a city that
/// came back do not all knock at once.
fn pause(failures: u32) -> Duration {
    let longest = PAUSE
        .saturating_mul(2_u32.saturating_pow(failures))
        .min(LONGEST_PAUSE);
    let percent = rand::random_range(50..=100);
    longest * percent / 100
}
