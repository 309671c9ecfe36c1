//! Delivery to a real sink over a pipe: in order, again after a failure, once
//! in effect.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use sea_orm::PaginatorTrait as _;
use tonic::{Request, Response, Status, service::Routes};
use yuhui_proto::events::v1::{
    DeliverRequest, DeliverResponse,
    event_sink_service_server::{EventSinkService, EventSinkServiceServer},
};

use super::*;
use crate::{
    authz::{Guard, Rules},
    caller,
    db::{
        Database, Tenancy,
        testing::{on_every_store, tenant},
    },
    inbox,
    peers::Peers,
    pipe::pipe,
    serve::{Listen, Server},
    token::{Keyring, Signer},
};

/// Keeps what it is told, after refusing the first `failures` times. It hears
/// each event twice when `deaf` answers get lost.
#[derive(Clone)]
struct Sink {
    db: Database,
    heard: Arc<Mutex<Vec<String>>>,
    failures: Arc<AtomicU32>,
    lost_answers: Arc<AtomicU32>,
}

#[tonic::async_trait]
impl EventSinkService for Sink {
    async fn deliver(
        &self,
        request: Request<DeliverRequest>,
    ) -> Result<Response<DeliverResponse>, Status> {
        let (caller, ask) = caller::accept(request)?;
        assert_eq!(caller.via.as_deref(), Some("eligibility"));
        if count_down(&self.failures) {
            return Err(Status::unavailable("restarting"));
        }
        let event = ask.event.expect("event");
        let tx = self
            .db
            .begin(Tenancy::named(&event.county).expect("county"))
            .await?;
        if inbox::first_time(&tx, &event.event_id).await? {
            assert_eq!(event.source, "eligibility");
            self.heard.lock().expect("lock").push(event.event_id);
            tx.commit().await?;
        }
        if count_down(&self.lost_answers) {
            return Err(Status::unavailable("the answer is lost"));
        }
        Ok(Response::new(DeliverResponse {}))
    }
}

fn count_down(left: &AtomicU32) -> bool {
    left.try_update(Ordering::SeqCst, Ordering::SeqCst, |it| it.checked_sub(1))
        .is_ok()
}

/// A relay of `eligibility` to a `funding-ledger` that is `sink`.
fn connect(db: &Database, sink: Sink) -> Relay {
    let signer = Signer::generate("eligibility").expect("key");
    let keyring = Keyring::new().trust(&signer);
    let rules = Arc::new(Rules::from_pool(yuhui_proto::descriptor_pool()).expect("rules"));
    let guard = Guard::service(rules, keyring, "funding-ledger");
    let (channel, listener) = pipe();
    let routes = Routes::new(EventSinkServiceServer::new(sink));
    let server = Server::new("funding-ledger", guard, routes);
    tokio::spawn(server.run(Listen::Pipe(listener), std::future::pending()));
    let peers = Peers::new(Arc::new(signer)).with("funding-ledger", channel);
    Relay::new(db.clone(), peers, &["funding-ledger"])
}

async fn happen(db: &Database, id: &str) -> crate::Result<()> {
    let tx = db.begin(tenant("150203")).await?;
    let event = Event {
        event_id: id.into(),
        ..Event::default()
    };
    publish(&tx, "funding-ledger", event).await?;
    tx.commit().await
}

fn sink(db: &Database, failures: u32, lost_answers: u32) -> Sink {
    Sink {
        db: db.clone(),
        heard: Arc::default(),
        failures: Arc::new(failures.into()),
        lost_answers: Arc::new(lost_answers.into()),
    }
}

#[tokio::test]
async fn events_arrive_in_order_and_have_their_effect_once() {
    on_every_store(async |db| {
        let sink = sink(&db, 2, 2);
        let relay = connect(&db, sink.clone());
        let ids: Vec<String> = (0..5).map(|number| format!("e-{number}")).collect();
        for id in &ids {
            happen(&db, id).await?;
        }
        assert_eq!(relay.pending().await?, 5);
        relay.drain().await?;
        assert_eq!(relay.pending().await?, 0);
        assert_eq!(*sink.heard.lock().expect("lock"), ids);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_commit_wakes_the_relay_and_a_rollback_sends_nothing() {
    on_every_store(async |db| {
        let sink = sink(&db, 0, 0);
        let relay = connect(&db, sink.clone());
        let task = relay.spawn();
        let undone = db.begin(tenant("150203")).await?;
        publish(&undone, "funding-ledger", Event::default()).await?;
        undone.rollback().await?;
        happen(&db, "e-1").await?;
        // Well below the interval at which the relay looks by itself.
        let soon = tokio::time::Instant::now() + std::time::Duration::from_millis(1500);
        while relay.pending().await? > 0 && tokio::time::Instant::now() < soon {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(*sink.heard.lock().expect("lock"), ["e-1"]);
        relay.stop();
        task.await.expect("stopped");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_event_belongs_to_the_county_it_happened_in() {
    on_every_store(async |db| {
        happen(&db, "e-1").await?;
        let tx = db.read(tenant("150204")).await?;
        let seen = tx.find::<letter::Entity>().count(tx.connection()).await?;
        assert_eq!(seen, 0);
        let tx = db.read(tenant("150203")).await?;
        let row = tx.find::<letter::Entity>().one(tx.connection()).await?;
        let event = Event::decode(row.expect("kept").event.as_slice())?;
        assert_eq!(event.county, "150203");
        Ok(())
    })
    .await;
}
