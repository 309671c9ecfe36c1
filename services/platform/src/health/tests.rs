//! Whether it is known that a service cannot work, and that it can again.

use sea_orm::ConnectionTrait as _;
use tonic::Code;

use super::*;
use crate::{
    db::{
        self,
        testing::{Migrator, on_every_store, sqlite},
    },
    token::{Keyring, Signer},
};

fn quick() -> Checks {
    Checks::new("eligibility").every(Duration::from_millis(20))
}

async fn until(health: &Health, holds: impl Fn(&Report) -> bool) -> Report {
    let mut report = health.report.clone();
    let waited = timeout(Duration::from_secs(20), report.wait_for(|it| holds(it)));
    waited.await.expect("in time").expect("looking").clone()
}

#[tokio::test]
async fn a_service_begins_unready_and_is_ready_when_it_was_looked_at() {
    on_every_store(async |db| {
        let health = quick().database(&db, db::names_of::<Migrator>()).start();
        assert!(!health.report().is_ready());
        until(&health, Report::is_ready).await;

        // Tables of another version.
        let health = quick().database(&db, vec!["m_next".into()]).start();
        let report = until(&health, |it| it.unready[0].contains("m_next")).await;
        let said = report.unready.concat();
        assert!(said.ends_with("this needs m_next: yuhui migrate"), "{said}");
        let mut older = db::names_of::<Migrator>();
        let newest = older.pop().expect("one");
        let health = quick().database(&db, older).start();
        until(&health, |it| it.unready[0].contains(&newest)).await;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_database_that_takes_no_writes_is_noticed_and_so_is_its_return() {
    let folder = tempfile::tempdir().expect("folder");
    let db = sqlite(folder.path()).await;
    let health = quick().database(&db, db::names_of::<Migrator>()).start();
    until(&health, Report::is_ready).await;
    let execute = async |sql: &str| {
        let tx = db.begin_global().await.expect("begun");
        tx.execute_unprepared(sql).await.expect(sql);
        tx.commit().await.expect("committed");
    };
    for change in ["INSERT", "UPDATE"] {
        let refuse = format!(
            "CREATE TRIGGER no_{change} BEFORE {change} ON lease
             BEGIN SELECT RAISE(ABORT, 'no writes'); END"
        );
        execute(&refuse).await;
    }
    let report = until(&health, |it| !it.is_ready()).await;
    assert!(report.unready[0].starts_with("database: "), "{report:?}");
    execute("DROP TRIGGER no_INSERT").await;
    execute("DROP TRIGGER no_UPDATE").await;
    until(&health, Report::is_ready).await;
}

#[tokio::test]
async fn what_a_service_depends_on_does_not_stop_it() {
    let away = crate::peers::Peers::new(Arc::new(Signer::generate("eligibility").expect("key")));
    let nowhere = ["http://127.0.0.1:1".to_owned()];
    let wire = crate::peers::Wire::new(None);
    let away = away
        .reach("funding-ledger", &nowhere, &wire)
        .expect("a URL");
    let health = quick().peers(away).start();
    let report = until(&health, |it| it.is_ready() && !it.is_well()).await;
    assert_eq!(
        report.troubles,
        ["peers: no replica serves of funding-ledger"]
    );
}

#[tokio::test]
async fn a_key_that_nobody_believes_is_noticed_and_mended_by_a_file() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("jwks.json");
    let signer = Arc::new(Signer::generate("eligibility").expect("key"));
    let put = |keys: &Keyring| std::fs::write(&file, keys.jwks().to_string()).expect("written");
    put(&Keyring::new());
    let keyring = Keyring::from_file(&file).expect("keys");
    keyring.follow(file.clone(), Duration::from_millis(20));
    let health = quick().keys(signer.clone(), keyring.clone()).start();
    let report = until(&health, |it| it.unready != ["not looked at yet"]).await;
    assert!(report.unready[0].contains(signer.kid()), "{report:?}");

    put(&Keyring::new().trust(&signer));
    until(&health, Report::is_ready).await;
    let claims = crate::token::Claims::default().lasting("gateway", Duration::from_secs(60));
    let token = signer.mint(&claims).expect("a token");
    let believed = || keyring.verify(&token, "gateway", &["eligibility"]).is_ok();
    assert!(believed());
    // What is no set of keys leaves those that are there; a set without the key ends what it signed.
    std::fs::write(&file, "{").expect("written");
    sleep(Duration::from_millis(100)).await;
    assert!(believed());
    put(&Keyring::new());
    let gone = async {
        while believed() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(10), gone)
        .await
        .expect("refused");
}

#[tokio::test]
async fn probes_are_told_over_a_socket_of_this_machine() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("health.sock");
    assert!(ask(&path).await.is_err(), "nobody is there");
    let health = quick()
        .ready("keys", async || anyhow::bail!("lost"))
        .start();
    until(&health, |it| it.unready == ["keys: lost"]).await;
    let answering = tokio::spawn({
        let (health, path) = (health.clone(), path.clone());
        async move { listen(health, &path).await }
    });
    let asked = async {
        loop {
            if let Ok(report) = ask(&path).await {
                return report;
            }
            sleep(Duration::from_millis(5)).await;
        }
    };
    let report = timeout(Duration::from_secs(10), asked)
        .await
        .expect("answered");
    assert_eq!(report, health.report());
    // Not beside another, and over what is left of one; never over another file.
    assert!(listen(health.clone(), &path).await.is_err());
    answering.abort();
    _ = answering.await;
    let again = timeout(Duration::from_millis(200), listen(health.clone(), &path));
    assert!(again.await.is_err(), "it listens until it is dropped");
    std::fs::remove_file(&path).expect("left behind");
    std::fs::write(&path, "a file").expect("written");
    assert!(listen(health, &path).await.is_err());
}

#[tokio::test]
async fn the_servers_status_follows() {
    use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
    let (say, heard) = watch::channel(false);
    let checks = quick().deep("peers", async || anyhow::bail!("away"));
    let health = checks.ready("database", move || {
        let well = *heard.borrow();
        async move {
            anyhow::ensure!(well, "away");
            Ok(())
        }
    });
    let signer = Signer::generate("gateway").expect("key");
    let pool = yuhui_proto::descriptor_pool();
    let rules = Arc::new(crate::authz::Rules::from_pool(pool).expect("rules"));
    let guard = crate::authz::Guard::service(rules, Keyring::new().trust(&signer), "eligibility");
    let (channel, listener) = crate::pipe::pipe();
    let server = crate::serve::Server::new("eligibility", guard, tonic::service::Routes::default())
        .health(health.start());
    let listen = crate::serve::Listen::Pipe(listener);
    tokio::spawn(server.run(listen, std::future::pending()));
    let status = async |service: &str| {
        let ask = HealthCheckRequest {
            service: service.into(),
        };
        let answer = HealthClient::new(channel.clone()).check(ask).await;
        answer.map(|it| it.into_inner().status)
    };
    const SERVING: i32 = 1;
    assert_eq!(status("").await.expect("it lives"), SERVING);
    assert_ne!(status("eligibility").await.expect("it says so"), SERVING);
    say.send_replace(true);
    let ready = async {
        while status("eligibility").await.expect("it says so") != SERVING {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(10), ready)
        .await
        .expect("ready");
    assert_ne!(
        status("eligibility/deep").await.expect("it says so"),
        SERVING
    );
    let unknown = status("another").await.expect_err("not here");
    assert_eq!(unknown.code(), Code::NotFound);
}

#[tokio::test]
async fn who_is_not_looked_at_any_more_is_not_ready() {
    let is_broken = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let looked = is_broken.clone();
    let health = quick()
        .ready("bug", move || {
            let is_broken = looked.load(std::sync::atomic::Ordering::SeqCst);
            async move {
                assert!(!is_broken, "a bug");
                Ok(())
            }
        })
        .start();
    until(&health, Report::is_ready).await;
    is_broken.store(true, std::sync::atomic::Ordering::SeqCst);
    let mut report = health.report.clone();
    let ended = timeout(Duration::from_secs(20), report.wait_for(|_| false));
    assert!(ended.await.expect("in time").is_err());
    assert_eq!(health.report().unready, ["not looked at any more"]);
}
