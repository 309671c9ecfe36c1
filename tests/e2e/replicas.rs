//! Two replicas of a service on one database: one may go, and both say when the database has.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{GetCaseRequest, case_service_client::CaseServiceClient},
};

use crate::harness::{
    cases,
    cluster::Cluster,
    people, program,
    system::{System, free_address},
};

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_replicas_may_go_and_a_database_that_is_away_is_told() {
    let Some(cluster) = Cluster::start(None) else {
        return;
    };
    let folder = tempfile::tempdir().expect("folder");
    System::keys(folder.path());
    let socket = folder.path().join("health.sock");
    let socket = socket.to_str().expect("text");
    let store = cluster.arguments();
    let [registers, nurseries, one, two, gateway] = std::array::from_fn(|_| free_address());
    let behind =
        format!("registry-verification=http://{registers},institution-registry=http://{nurseries}");
    let to_both = format!("{behind},eligibility=http://{one},eligibility=http://{two}");
    let mut running = Vec::new();
    for (name, service, listen, peers, more) in [
        (
            "registers",
            "registry-verification",
            &registers,
            "",
            &[] as &[&str],
        ),
        (
            "nurseries",
            "institution-registry",
            &nurseries,
            &behind,
            &[],
        ),
        (
            "one",
            "eligibility",
            &one,
            &behind,
            &["--health-socket", socket],
        ),
        ("two", "eligibility", &two, &behind, &[]),
        ("gateway", "gateway", &gateway, &to_both, &[]),
    ] {
        let mut words = vec![service];
        words.extend(store.iter().map(String::as_str));
        let own = format!("{service}=");
        let peers: Vec<_> = peers
            .split(',')
            .filter(|it| !it.starts_with(&own))
            .collect();
        let peers = peers.join(",");
        if !peers.is_empty() {
            words.extend(["--peers", &peers]);
        }
        words.extend(more);
        running.push(System::start_replica(folder.path(), name, listen, &words).await);
    }
    let county = people::county("150203");
    let login = people::login(Role::VillageClerk, people::village_of(county));
    let gateway = running.last().expect("the gateway").gateway();
    let clerk = gateway.sign_in(&login).await.expect("signed in");
    let case = cases::lodged(&clerk, county, 7).await;
    let get = async || {
        let get = GetCaseRequest {
            name: case.name.clone(),
        };
        CaseServiceClient::new(clerk.call()).get_case(get).await
    };

    // `kill -9`: noticed within two seconds, and then no call fails.
    running.remove(3).kill();
    sleep(Duration::from_secs(2)).await;
    for _ in 0..50 {
        get().await.expect("the other replica");
    }

    // The database goes, and comes back.
    says(socket, 0, "eligibility is ready").await;
    cluster.stop();
    says(socket, 1, "eligibility is not ready: database").await;
    let live = program::run(&["health", "live", "--socket", socket]);
    assert_eq!(live.0, Some(0), "{}", live.1);
    cluster.resume();
    says(socket, 0, "eligibility is ready").await;
    // A server that only reads is no place to write.
    let only_read = "ALTER DATABASE yuhui_eligibility SET default_transaction_read_only = on";
    cluster.execute("eligibility", only_read).await;
    let leave = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND datname = 'yuhui_eligibility'";
    cluster.execute("eligibility", leave).await;
    says(socket, 1, "eligibility is not ready: database").await;
    let writes = "ALTER DATABASE yuhui_eligibility SET default_transaction_read_only = off";
    cluster.psql("postgres", &["-c", writes]);
    cluster.psql("postgres", &["-c", leave]);
    says(socket, 0, "eligibility is ready").await;
}

/// Waits until `yuhui health ready` ends with `code` and says so.
async fn says(socket: &str, code: i32, what: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let (ended, said) = program::run(&["health", "ready", "--socket", socket]);
        if ended == Some(code) && said.contains(what) {
            return;
        }
        assert!(Instant::now() < deadline, "{ended:?}: {said}");
        sleep(Duration::from_millis(300)).await;
    }
}
