//! Delivery to a real sink over a pipe: in order per lane, again after a failure,
//! once in effect, and no lane held up by another.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use sea_orm::{ColumnTrait as _, ConnectionTrait as _, PaginatorTrait as _, QueryFilter as _};
use tonic::{Request, Response, Status, service::Routes};
use yuhui_proto::internal::v1::{
    DeliverRequest, DeliverResponse, HoldChanged, event::Payload,
    event_sink_service_server::EventSinkService, event_sink_service_server::EventSinkServiceServer,
};

use super::*;
use crate::{
    authz::{Guard, Rules},
    caller,
    db::{
        Database, Tenancy,
        testing::{on_every_store, tenant},
    },
    peers::Peers,
    pipe::pipe,
    serve::{Listen, Server},
    token::{Keyring, Signer},
};

/// Keeps what it is told by county, after refusing some deliveries.
#[derive(Clone, Default)]
struct Sink {
    heard: Arc<Mutex<BTreeMap<String, Vec<String>>>>,
    /// Deliveries that fail before they are heard, and after.
    failures: Arc<Mutex<(u32, u32)>>,
    /// How long each takes.
    slow: Duration,
}

impl Sink {
    fn failing(before: u32, after: u32) -> Self {
        Self {
            failures: Arc::new(Mutex::new((before, after))),
            ..Self::default()
        }
    }

    /// What was heard of a county, each event once.
    fn heard(&self, county: &str) -> Vec<String> {
        let heard = self.heard.lock().expect("lock");
        let mut seen = BTreeSet::new();
        let of = heard.get(county).cloned().unwrap_or_default();
        of.into_iter()
            .filter(|it| seen.insert(it.clone()))
            .collect()
    }
}

#[tonic::async_trait]
impl EventSinkService for Sink {
    async fn deliver(
        &self,
        request: Request<DeliverRequest>,
    ) -> Result<Response<DeliverResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        assert_eq!(caller.via.as_deref(), Some("eligibility"));
        tokio::time::sleep(self.slow).await;
        let (before, after) = &mut *self.failures.lock().expect("lock");
        if count_down(before) {
            return Err(Status::unavailable("restarting"));
        }
        let mut heard = self.heard.lock().expect("lock");
        heard.entry(ask.county).or_default().push(ask.event_id);
        if count_down(after) {
            return Err(Status::unavailable("the answer is lost"));
        }
        Ok(Response::new(DeliverResponse {}))
    }
}

fn count_down(left: &mut u32) -> bool {
    let any = *left > 0;
    *left = left.saturating_sub(1);
    any
}

/// A relay of `eligibility` to a `funding-ledger` that is `sink`.
fn connect(db: &Database, sink: &Sink) -> Relay {
    connect_at(db, sink, Pace::default())
}

fn connect_at(db: &Database, sink: &Sink, pace: Pace) -> Relay {
    let signer = Signer::generate("eligibility").expect("key");
    let keyring = Keyring::new().trust(&signer);
    let rules = Arc::new(Rules::from_pool(yuhui_proto::descriptor_pool()).expect("rules"));
    let guard = Guard::service(rules, keyring, "funding-ledger");
    let (channel, listener) = pipe();
    let routes = Routes::new(EventSinkServiceServer::new(sink.clone()));
    let server = Server::new("funding-ledger", guard, routes);
    tokio::spawn(server.run(Listen::Pipe(listener), std::future::pending()));
    let peers = Peers::new(Arc::new(signer)).with("funding-ledger", channel);
    Relay::new(db.clone(), peers, &["funding-ledger"], pace)
}

fn event(id: &str, case: &str) -> Event {
    Event {
        event_id: id.into(),
        payload: Some(Payload::HoldChanged(HoldChanged {
            case: case.into(),
            held: true,
        })),
        ..Event::default()
    }
}

async fn happen(db: &Database, county: &str, id: &str) -> crate::Result<()> {
    let tx = db.begin(tenant(county)).await?;
    publish(&tx, "funding-ledger", event(id, "a case"))?;
    tx.commit().await
}

async fn spoil(db: &Database, county: &str, sql: &str) {
    let tx = db.begin(tenant(county)).await.expect("begun");
    tx.execute_unprepared(sql).await.expect("executed");
    tx.commit().await.expect("committed");
}

async fn soon(what: impl AsyncFn() -> bool) {
    for _ in 0..500 {
        if what().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not within five seconds");
}

#[tokio::test]
async fn events_arrive_in_order_whatever_fails() {
    on_every_store(async |db| {
        let sink = Sink::failing(2, 2);
        let relay = connect(&db, &sink);
        let ids: Vec<String> = (0..5).map(|number| format!("e-{number}")).collect();
        for id in &ids {
            happen(&db, "150203", id).await?;
        }
        assert_eq!(relay.pending().await?, 5);
        relay.drain().await?;
        assert_eq!(relay.pending().await?, 0);
        assert_eq!(sink.heard("150203"), ids);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_commit_wakes_the_relay_and_a_rollback_sends_nothing() {
    on_every_store(async |db| {
        let sink = Sink::default();
        let relay = connect(&db, &sink);
        let task = relay.spawn();
        let undone = db.begin(tenant("150203")).await?;
        publish(&undone, "funding-ledger", event("undone", "a case"))?;
        undone.rollback().await?;
        happen(&db, "150203", "e-1").await?;
        // Well below the interval at which the relay looks by itself.
        let begun = tokio::time::Instant::now();
        soon(async || relay.pending().await.expect("counted") == 0).await;
        assert!(begun.elapsed() < Duration::from_millis(800));
        assert_eq!(sink.heard("150203"), ["e-1"]);
        relay.stop();
        task.await.expect("stopped");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_event_belongs_to_the_county_it_happened_in_and_has_its_place_there() {
    on_every_store(async |db| {
        happen(&db, "150203", "e-1").await?;
        let tx = db.begin(tenant("150203")).await?;
        publish(&tx, "funding-ledger", event("e-2", "a case"))?;
        publish(&tx, "disbursement", event("e-2", "a case"))?;
        publish(&tx, "funding-ledger", event("e-3", "another"))?;
        tx.commit().await?;
        happen(&db, "150204", "other").await?;
        let tx = db.read(tenant("150203")).await?;
        let rows = tx.find::<message::Entity>().all(tx.connection()).await?;
        let mut places: Vec<_> = rows
            .iter()
            .map(|it| (&*it.destination, it.seq, &*it.event_id, it.revision))
            .collect();
        places.sort_unstable();
        let expected = [
            ("disbursement", 1, "e-2", 1),
            ("funding-ledger", 1, "e-1", 1),
            ("funding-ledger", 2, "e-2", 2),
            ("funding-ledger", 3, "e-3", 1),
        ];
        assert_eq!(places, expected);
        let reading = publish(&tx, "funding-ledger", event("e-4", "a case"));
        assert!(reading.is_err());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn acts_at_once_leave_no_gap_in_their_lane() {
    on_every_store(async |db| {
        let acts = (0..20).map(|number| {
            let db = db.clone();
            async move { happen(&db, "150203", &format!("e-{number}")).await }
        });
        for done in futures::future::join_all(acts).await {
            done?;
        }
        let tx = db.read(tenant("150203")).await?;
        let rows = tx.find::<message::Entity>().all(tx.connection()).await?;
        let places: BTreeSet<i64> = rows.iter().map(|it| it.seq).collect();
        assert_eq!(places, (1..=20).collect());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_spoilt_event_holds_up_its_own_lane_and_no_other_until_it_is_mended() {
    on_every_store(async |db| {
        for county in ["150203", "150204"] {
            happen(&db, county, &format!("first-{county}")).await?;
        }
        let tx = db.read(tenant("150203")).await?;
        let row = tx.find::<message::Entity>().one(tx.connection()).await?;
        let good = hex::encode_upper(row.expect("a row").body);
        drop(tx);
        let bytes = |hex: &str| match db.backend() {
            sea_orm::DbBackend::Postgres => format!("decode('{hex}', 'hex')"),
            _ => format!("X'{hex}'"),
        };
        let spoilt = format!("UPDATE outbox SET body = {}", bytes("FFFF"));
        spoil(&db, "150203", &format!("{spoilt} WHERE tenant = '150203'")).await;
        let sink = Sink::default();
        let relay = connect(&db, &sink);
        let task = relay.spawn();
        happen(&db, "150204", "second-150204").await?;
        happen(&db, "150203", "second-150203").await?;
        soon(async || sink.heard("150204").len() == 2).await;
        soon(async || !operator::stuck(&db).await.expect("listed").is_empty()).await;
        assert!(sink.heard("150203").is_empty());
        let stuck = operator::stuck(&db).await?;
        assert_eq!(stuck.len(), 1);
        assert_eq!(
            (&*stuck[0].event_id, &*stuck[0].kind),
            ("first-150203", "hold_changed")
        );
        assert!(stuck[0].reason.contains("cannot be decoded"), "{stuck:?}");

        let mended = format!("UPDATE outbox SET body = {}", bytes(&good));
        spoil(
            &db,
            "150203",
            &format!("{mended} WHERE tenant = '150203' AND event_id = 'first-150203'"),
        )
        .await;
        let tx = db.begin(tenant("150203")).await?;
        operator::retry(&tx, &stuck[0]).await?;
        tx.commit().await?;
        soon(async || sink.heard("150203").len() == 2).await;
        assert_eq!(sink.heard("150203"), ["first-150203", "second-150203"]);
        soon(async || operator::stuck(&db).await.expect("listed").is_empty()).await;
        relay.stop();
        task.await.expect("stopped");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_relay_keeps_to_its_pace() {
    on_every_store(async |db| {
        let hour = Duration::from_secs(3600);
        let pace = Pace {
            lanes: 1,
            batch: 1,
            pause: hour,
            longest_pause: hour,
            ..Pace::default()
        };
        for id in ["first", "second", "third"] {
            happen(&db, "150203", id).await?;
        }
        happen(&db, "150204", "other").await?;
        let of_second = "WHERE tenant = '150203' AND event_id = 'second'";
        let digest = |sql: &str| format!("UPDATE outbox SET digest = {sql} {of_second}");
        spoil(&db, "150203", &digest("digest || 'x'")).await;
        let sink = Sink::default();
        let relay = connect_at(&db, &sink, pace);
        let task = relay.spawn();
        soon(async || sink.heard("150204") == ["other"]).await;
        soon(async || !operator::stuck(&db).await.expect("listed").is_empty()).await;
        // Mended at once, it is tried when its pause is over.
        spoil(
            &db,
            "150203",
            &digest("substr(digest, 1, length(digest) - 1)"),
        )
        .await;
        tokio::time::sleep(Pace::default().pause * 3 / 2).await;
        assert_eq!(sink.heard("150203"), ["first"]);
        let stuck = operator::stuck(&db).await?;
        let tx = db.begin(tenant("150203")).await?;
        operator::retry(&tx, &stuck[0]).await?;
        tx.commit().await?;
        soon(async || sink.heard("150203") == ["first", "second", "third"]).await;
        relay.stop();
        task.await.expect("stopped");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn two_relays_at_one_database_keep_the_order() {
    on_every_store(async |db| {
        let sink = Sink {
            slow: Duration::from_millis(2),
            ..Sink::default()
        };
        let relays = [connect(&db, &sink), connect(&db, &sink)];
        let tasks = relays.each_ref().map(Relay::spawn);
        let counties = ["150202", "150203", "150204", "150205"];
        for number in 0..30 {
            for county in counties {
                happen(&db, county, &format!("e-{number:02}")).await?;
            }
        }
        soon(async || relays[0].pending().await.expect("counted") == 0).await;
        for relay in &relays {
            relay.stop();
        }
        for task in tasks {
            task.await.expect("stopped");
        }
        let expected: Vec<String> = (0..30).map(|number| format!("e-{number:02}")).collect();
        for county in counties {
            let heard = sink.heard.lock().expect("lock")[county].clone();
            assert_eq!(heard, expected, "{county}: once each, in order");
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn who_was_away_past_his_lease_moves_nothing() {
    on_every_store(async |db| {
        for number in 0..3 {
            happen(&db, "150203", &format!("e-{number}")).await?;
        }
        let claim = async || lane::claim(&db, "funding-ledger", "one", 8, lane::When::Due).await;
        let [stale] = &claim().await?[..] else {
            panic!("one lane");
        };
        assert!(claim().await?.is_empty(), "it is held");
        // His lease runs out, and another takes the lane and carries an event.
        let tx = db.begin_global().await?;
        tx.execute_unprepared("UPDATE outbox_lane SET lease = 1")
            .await?;
        tx.commit().await?;
        let [taken] = &claim().await?[..] else {
            panic!("the same lane");
        };
        assert_eq!(taken.epoch, stale.epoch + 1);
        let at = |cursor| lane::Standing {
            cursor,
            goes_on: false,
            failed: None,
        };
        assert!(!lane::save(&db, stale, &at(3)).await?, "a stale epoch");
        assert!(lane::save(&db, taken, &at(1)).await?);
        let sink = Sink::default();
        connect(&db, &sink).drain().await?;
        assert_eq!(sink.heard("150203"), ["e-1", "e-2"]);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn what_was_delivered_long_ago_is_forgotten() {
    on_every_store(async |db| {
        happen(&db, "150203", "e-1").await?;
        let sink = Sink::default();
        connect(&db, &sink).drain().await?;
        happen(&db, "150203", "e-2").await?;
        let later = clock::real_millis() + 1;
        let tx = db.begin(tenant("150203")).await?;
        assert_eq!(prune(&tx, 1).await?, 0, "nothing is that old");
        assert_eq!(prune(&tx, later).await?, 1, "e-2 is on its way");
        tx.commit().await?;
        let tx = db.read(Tenancy::All).await?;
        let left = tx.find::<message::Entity>();
        let left = left.filter(message::Column::EventId.eq("e-2"));
        assert_eq!(left.count(tx.connection()).await?, 1);
        drop(tx);
        connect(&db, &sink).drain().await?;
        assert_eq!(sink.heard("150203"), ["e-1", "e-2"]);
        Ok(())
    })
    .await;
}
