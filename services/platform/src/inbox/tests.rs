//! One policy: applied once, or kept; and who waits for whom.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use yuhui_proto::internal::v1::{HoldChanged, RoundFunded};

use super::*;
use crate::{
    db::testing::{on_every_store, tenant},
    outbox,
};

/// Applies holds of cases, in slices of one, but for those that do not fit.
#[derive(Default)]
struct Holds {
    applied: Mutex<Vec<String>>,
    /// Cases that do not fit yet.
    refused: Mutex<BTreeSet<String>>,
    is_away: AtomicBool,
    /// Cases on which it panics.
    breaks_on: Mutex<BTreeSet<String>>,
}

#[tonic::async_trait]
impl Consumer for Arc<Holds> {
    type Fetched = ();

    fn sender(&self, payload: &Payload) -> Option<&'static str> {
        matches!(payload, Payload::HoldChanged(_)).then_some("eligibility")
    }

    async fn fetch(&self, _: &Told<'_>) -> Result<()> {
        match self.is_away.load(Ordering::SeqCst) {
            true => Err(crate::refusal::unavailable("eligibility").into()),
            false => Ok(()),
        }
    }

    async fn apply(&self, _: &Tx, told: &Told<'_>, (): ()) -> Result<Progress> {
        let Payload::HoldChanged(hold) = told.payload else {
            return Err(Error::fault("no hold"));
        };
        let breaks = self.breaks_on.lock().expect("lock").contains(&hold.case);
        assert!(!breaks, "a bug");
        if self.refused.lock().expect("lock").contains(&hold.case) {
            return Err(not_found(&hold.case).into());
        }
        self.applied
            .lock()
            .expect("lock")
            .push(told.event_id.into());
        Ok(Progress::Done)
    }
}

struct World {
    holds: Arc<Holds>,
    inbox: Inbox<Arc<Holds>>,
    db: Database,
}

impl World {
    fn new(db: &Database) -> Self {
        let holds = Arc::<Holds>::default();
        Self {
            inbox: Inbox::new(db.clone(), Clock::system(), holds.clone()),
            holds,
            db: db.clone(),
        }
    }

    async fn hear(&self, county: &str, id: &str, case: &str, revision: i64) -> Result<()> {
        let ask = DeliverRequest {
            revision,
            ..DeliverRequest::of(&event(county, id, case), outbox::digest)
        };
        self.hear_bytes(ask).await
    }

    async fn hear_bytes(&self, ask: DeliverRequest) -> Result<()> {
        let caller = Caller::service("eligibility", Some(tenant(&ask.county)));
        self.inbox.receive(&caller, ask).await
    }

    fn refuse(&self, case: &str) {
        let mut refused = self.holds.refused.lock().expect("lock");
        refused.insert(case.into());
    }

    fn accept(&self, case: &str) {
        self.holds.refused.lock().expect("lock").remove(case);
    }

    fn applied(&self) -> Vec<String> {
        self.holds.applied.lock().expect("lock").clone()
    }

    async fn kept(&self) -> Vec<(String, String)> {
        let kept = operator::parked(&self.db).await.expect("listed");
        let kept = kept.into_iter().map(|it| (it.event_id, it.reason));
        kept.collect()
    }
}

fn event(county: &str, id: &str, case: &str) -> Event {
    Event {
        event_id: id.into(),
        county: county.into(),
        payload: Some(Payload::HoldChanged(HoldChanged {
            case: case.into(),
            held: true,
        })),
        ..Event::default()
    }
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = expected
        .iter()
        .map(|(id, why)| ((*id).into(), (*why).into()));
    owned.collect()
}

const COUNTY: &str = "150203";

#[tokio::test]
async fn an_event_is_applied_once() {
    on_every_store(async |db| {
        let world = World::new(&db);
        for _ in 0..2 {
            world.hear(COUNTY, "e-1", "a", 1).await?;
        }
        world.hear(COUNTY, "e-2", "a", 2).await?;
        assert_eq!(world.applied(), ["e-1", "e-2"]);
        assert!(world.kept().await.is_empty());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_parked_event_holds_up_its_object_and_nothing_else() {
    on_every_store(async |db| {
        let world = World::new(&db);
        world.refuse("a");
        world.hear(COUNTY, "a-1", "a", 1).await?;
        world.hear(COUNTY, "b-1", "b", 1).await?;
        world.hear("150204", "other", "c", 1).await?;
        world.accept("a");
        world.hear("150204", "other-2", "c", 2).await?;
        assert_eq!(world.applied(), ["b-1", "other", "other-2"]);
        world.refuse("a");
        world.hear(COUNTY, "a-2", "a", 2).await?;
        let kept = world.kept().await;
        assert_eq!(kept, pairs(&[("a-1", "REFUSED"), ("a-2", "PREDECESSOR")]));
        let tx = db.read(tenant(COUNTY)).await?;
        assert_eq!(unsettled(&tx).await?, BTreeSet::from(["a".to_owned()]));
        drop(tx);

        // Something happens in the county: what waited for it is applied, in its order.
        world.accept("a");
        world.hear(COUNTY, "b-2", "b", 2).await?;
        assert_eq!(world.applied()[3..], ["b-2", "a-1", "a-2"]);
        assert!(world.kept().await.is_empty());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn what_is_not_understood_is_kept_and_not_forgotten() {
    on_every_store(async |db| {
        let world = World::new(&db);
        let funded = Event {
            payload: Some(Payload::RoundFunded(RoundFunded::default())),
            ..event(COUNTY, "unknown", "")
        };
        let unknown = DeliverRequest::of(&funded, outbox::digest);
        world.hear_bytes(unknown).await?;
        let garbage = DeliverRequest {
            event: vec![0xff],
            digest: outbox::digest(&[0xff]),
            ..DeliverRequest::of(&event(COUNTY, "garbage", "a"), outbox::digest)
        };
        world.hear_bytes(garbage).await?;
        let changed = DeliverRequest {
            digest: outbox::digest(b"another"),
            ..DeliverRequest::of(&event(COUNTY, "changed", "b"), outbox::digest)
        };
        world.hear_bytes(changed).await?;
        world.hear(COUNTY, "e-1", "c", 1).await?;
        assert_eq!(world.applied(), ["e-1"]);
        let kept = world.kept().await;
        let ids: BTreeSet<_> = kept.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, BTreeSet::from(["changed", "garbage", "unknown"]));
        assert!(
            kept.iter().all(|(_, why)| why == "NOT_UNDERSTOOD"),
            "{kept:?}"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_service_that_is_away_is_no_reason_to_keep_an_event() {
    on_every_store(async |db| {
        let world = World::new(&db);
        world.holds.is_away.store(true, Ordering::SeqCst);
        let answer = world.hear(COUNTY, "e-1", "a", 1).await;
        assert_eq!(
            answer.expect_err("no acknowledgement").code(),
            Code::Unavailable
        );
        assert!(world.kept().await.is_empty());
        world.holds.is_away.store(false, Ordering::SeqCst);
        world.hear(COUNTY, "e-1", "a", 1).await?;
        assert_eq!(world.applied(), ["e-1"]);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn one_service_cannot_speak_for_another() {
    on_every_store(async |db| {
        let world = World::new(&db);
        let ask = DeliverRequest::of(&event(COUNTY, "e-1", "a"), outbox::digest);
        let stranger = Caller::service("disbursement", Some(tenant(COUNTY)));
        let answer = world.inbox.receive(&stranger, ask).await;
        let refused = answer.expect_err("refused");
        assert_eq!(refused.reason().as_deref(), Some("FOREIGN_EVENT"));
        assert!(world.kept().await.is_empty());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_gap_waits_for_what_is_missing_or_for_an_operator() {
    on_every_store(async |db| {
        let world = World::new(&db);
        world.hear(COUNTY, "a-1", "a", 1).await?;
        world.hear(COUNTY, "a-3", "a", 3).await?;
        world.hear(COUNTY, "b-4", "b", 4).await?;
        assert_eq!(world.kept().await, pairs(&[("a-3", "GAP"), ("b-4", "GAP")]));
        world.hear(COUNTY, "a-2", "a", 2).await?;
        assert_eq!(world.applied(), ["a-1", "a-2", "a-3"]);

        let kept = operator::parked(&db).await?;
        let tx = db.begin(tenant(COUNTY)).await?;
        operator::retry(&tx, &kept[0], true).await?;
        tx.commit().await?;
        world.inbox.round(Pace::default()).await?;
        assert_eq!(world.applied()[3..], ["b-4"]);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_operator_has_it_tried_at_once_or_two_give_it_up() {
    on_every_store(async |db| {
        let world = World::new(&db);
        world.refuse("a");
        world.hear(COUNTY, "a-1", "a", 1).await?;
        world.hear(COUNTY, "a-2", "a", 2).await?;
        world.inbox.round(Pace::default()).await?;
        let kept = operator::parked(&db).await?;
        assert!(
            kept[0].attempts > 0 && kept[0].due > real_millis(),
            "{kept:?}"
        );
        world.accept("a");
        world.inbox.round(Pace::default()).await?;
        assert!(world.applied().is_empty(), "it pauses");
        let tx = db.begin(tenant(COUNTY)).await?;
        operator::retry(&tx, &kept[0], false).await?;
        tx.commit().await?;
        world.inbox.round(Pace::default()).await?;
        assert_eq!(world.applied(), ["a-1", "a-2"]);

        world.refuse("b");
        world.hear(COUNTY, "b-1", "b", 1).await?;
        world.hear(COUNTY, "b-2", "b", 2).await?;
        let kept = operator::parked(&db).await?;
        let tx = db.begin(tenant(COUNTY)).await?;
        operator::propose_drop(&tx, &kept[0], "one", "sent twice").await?;
        tx.commit().await?;
        let tx = db.begin(tenant(COUNTY)).await?;
        let same = operator::approve_drop(&tx, &kept[0], "one").await;
        assert_eq!(same.expect_err("one hand").code(), Code::PermissionDenied);
        drop(tx);
        let tx = db.begin(tenant(COUNTY)).await?;
        let why = operator::approve_drop(&tx, &kept[0], "two").await?;
        assert_eq!(why, "sent twice");
        tx.commit().await?;
        world.accept("b");
        world.inbox.retry(tenant(COUNTY)).await?;
        assert_eq!(world.applied()[2..], ["b-2"], "its place is passed");
        world.hear(COUNTY, "b-1", "b", 1).await?;
        assert_eq!(world.applied().len(), 3);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn what_was_applied_long_ago_is_forgotten_and_still_known() {
    on_every_store(async |db| {
        let world = World::new(&db);
        world.refuse("b");
        world.hear(COUNTY, "a-1", "a", 1).await?;
        world.hear(COUNTY, "b-1", "b", 1).await?;
        let tx = db.begin(tenant(COUNTY)).await?;
        assert_eq!(prune(&tx, 1).await?, 0, "nothing is that old");
        assert_eq!(
            prune(&tx, real_millis() + 1).await?,
            1,
            "b-1 is not applied"
        );
        tx.commit().await?;
        world.hear(COUNTY, "a-1", "a", 1).await?;
        assert_eq!(world.applied(), ["a-1"]);
        let sent = |event_id: &str, revision| Delivered {
            seq: 1,
            event_id: event_id.into(),
            object: "a".into(),
            revision,
        };
        let tx = db.read(tenant(COUNTY)).await?;
        let events = vec![sent("a-1", 1), sent("a-2", 2)];
        let unknown = unknown(&tx, "eligibility", events).await?;
        let ids: Vec<_> = unknown.iter().map(|it| it.event_id.as_str()).collect();
        assert_eq!(ids, ["a-2"]);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_event_on_which_the_consumer_panics_is_put_off_and_keeps_no_other() {
    on_every_store(async |db| {
        let world = World::new(&db);
        for case in ["a", "b"] {
            world.refuse(case);
            world.hear(COUNTY, &format!("{case}-1"), case, 1).await?;
            world.accept(case);
        }
        let break_on = |cases: &[&str]| {
            let cases = cases.iter().map(|it| (*it).to_owned());
            *world.holds.breaks_on.lock().expect("lock") = cases.collect();
        };
        break_on(&["a"]);
        let inbox = world.inbox.clone();
        let attending = tokio::spawn(async move { inbox.attend(Pace::default()).await });
        until(|| world.applied() == ["b-1"]).await;
        let kept = loop {
            let kept = operator::parked(&db).await?;
            if kept[0].attempts > 0 {
                break kept;
            }
            sleep(Duration::from_millis(10)).await;
        };
        assert!(kept[0].due > real_millis(), "{kept:?}");
        break_on(&[]);
        let tx = db.begin(tenant(COUNTY)).await?;
        // It may have been tried again already, as something was applied.
        if operator::retry(&tx, &kept[0], false).await.is_ok() {
            tx.commit().await?;
        }
        until(|| world.applied() == ["b-1", "a-1"]).await;
        attending.abort();
        Ok(())
    })
    .await;
}

async fn until(holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), waiting);
    waited.await.expect("in time");
}
