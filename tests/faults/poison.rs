//! A spoilt event of one county, put into the outbox by hand: it holds up nobody else, is listed
//! with its reason, and delivered once it was mended.

use std::{path::Path, time::Duration};

use prost::Message as _;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection};
use tokio::time::timeout;
use yuhui_platform::outbox::digest;
use yuhui_proto::internal::v1::{Event, HoldChanged, event::Payload};

use crate::harness::{program, query::number, system::System};

/// Longest to wait for anything.
const PATIENCE: Duration = Duration::from_secs(30);

async fn file(data: &Path, service: &str) -> DatabaseConnection {
    let file = data.join(format!("{service}.db"));
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rw", file.display()));
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.expect("the file")
}

fn hold(county: &str, id: &str) -> Vec<u8> {
    let event = Event {
        event_id: id.into(),
        county: county.into(),
        payload: Some(Payload::HoldChanged(HoldChanged {
            case: format!("counties/{county}/cases/6f1d5c1e-0000-7000-8000-000000000001"),
            held: true,
        })),
        ..Event::default()
    };
    event.encode_to_vec()
}

/// Puts an event for disbursement into the outbox of eligibility.
async fn post(db: &DatabaseConnection, county: &str, id: &str, body: &[u8]) {
    let at = format!("'disbursement', '{county}'");
    let object = format!("counties/{county}/cases/6f1d5c1e-0000-7000-8000-000000000001");
    let (body, digest) = (hex(body), digest(body));
    for sql in [
        format!(
            "INSERT INTO outbox (destination, tenant, seq, event_id, kind, object, revision,
                digest, body, at)
             VALUES ({at}, 1, '{id}', 'hold_changed', '{object}', 1, '{digest}', X'{body}', 0)"
        ),
        format!(
            "INSERT INTO outbox_lane (destination, tenant, cursor, due, failures, error, owner,
                epoch, lease)
             VALUES ({at}, 0, 0, 0, '', '', 0, 0)"
        ),
        format!("INSERT INTO outbox_head (destination, tenant, seq) VALUES ({at}, 1)"),
    ] {
        db.execute_unprepared(&sql).await.expect("written");
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02X}")).collect()
}

async fn arrives(db: &DatabaseConnection, id: &str, system: &System) {
    let sql = format!("SELECT count(*) FROM inbox WHERE event_id = '{id}' AND state = 'APPLIED'");
    let arrived = async {
        while number(db, &sql).await.expect("a count") == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let arrived = timeout(PATIENCE, arrived).await;
    assert!(arrived.is_ok(), "{id} did not arrive: {}", system.said());
}

fn events(arguments: &[&str], data: &Path) -> String {
    let data = data.to_str().expect("text");
    let ask = [&["events"], arguments, &["--data", data]].concat();
    let (status, said) = program::run(&ask);
    assert_eq!(status, Some(0), "{said}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spoilt_event_of_one_county_delays_no_other_and_is_delivered_once_mended() {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path();
    let system = System::start(data).await;
    let (sender, receiver) = (
        file(data, "eligibility").await,
        file(data, "disbursement").await,
    );
    post(&sender, "150203", "spoilt", &[0xff; 8]).await;
    post(&sender, "150204", "sound", &hold("150204", "sound")).await;
    arrives(&receiver, "sound", &system).await;
    let listed = async {
        loop {
            let said = events(&["list"], data);
            if said.contains("spoilt") {
                return said;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let listed = timeout(PATIENCE, listed).await.expect("listed");
    let line = listed.lines().find(|it| it.ends_with("spoilt"));
    let line = line.expect("a line");
    for told in [
        "150203",
        "eligibility -> disbursement",
        "hold_changed",
        "cannot be decoded",
        "attempts",
    ] {
        assert!(line.contains(told), "{told}: {line}");
    }
    assert!(listed.contains("1 events do not get on"), "{listed}");

    let mended = hold("150203", "spoilt");
    let (body, digest) = (hex(&mended), digest(&mended));
    let mend = format!(
        "UPDATE outbox SET body = X'{body}', digest = '{digest}' WHERE event_id = 'spoilt'"
    );
    sender.execute_unprepared(&mend).await.expect("mended");
    // It pauses for longer than this by now.
    let wait = "UPDATE outbox_lane SET due = 9000000000000 WHERE tenant = '150203'";
    sender.execute_unprepared(wait).await.expect("put off");
    events(&["retry", "spoilt"], data);
    arrives(&receiver, "spoilt", &system).await;
    let listed = events(&["list"], data);
    assert!(listed.contains("0 events do not get on"), "{listed}");

    // One that is given up takes its place without effect, and leaves its mark.
    post(&sender, "150205", "hopeless", &[0xff; 8]).await;
    let listed = async {
        while !events(&["list"], data).contains("hopeless") {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, listed).await.expect("listed");
    events(
        &[
            "drop",
            "hopeless",
            "--why",
            "made by hand",
            "--by",
            "auditor",
        ],
        data,
    );
    let gone = "SELECT count(*) FROM inbox WHERE event_id = 'hopeless' AND state = 'DROPPED'";
    let dropped = async {
        while number(&receiver, gone).await.expect("a count") == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, dropped)
        .await
        .expect("its place is passed");
    let entry = "SELECT count(*) FROM audit WHERE action = 'events.drop' AND tenant = '150205'
        AND reason = 'made by hand' AND actor = 'operator:auditor'";
    assert_eq!(number(&sender, entry).await.expect("a count"), 1);
    assert!(system.stop().success());
}
