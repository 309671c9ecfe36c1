//! No room on the disk: what is refused is `UNAVAILABLE` and may be repeated,
//! and what is acknowledged, before and after, is there for good.

use std::{fs, path::Path};

use tonic::Code;
use yuhui_proto::{
    authz::v1::Role,
    identity::v1::{
        RefreshSessionRequest, TokenPair, identity_service_client::IdentityServiceClient,
    },
};

use super::{
    kill::{audit_verifies_with, everything_is_there},
    load::{Command, Notebook},
};
use crate::harness::{
    cases, cluster::Cluster, disk::Disk, gateway::Gateway, people, system::System,
};

const COUNTY: &str = "150203";
/// Most commands until there is no room for another one.
const ENOUGH: u32 = 2_000;

/// What one clerk did, and was told.
struct Clerk {
    gateway: Gateway,
    serial: u32,
    book: Notebook,
    refused: Vec<Command>,
}

impl Clerk {
    /// Opens a case; whether it was acknowledged.
    async fn create(&mut self) -> bool {
        self.serial += 1;
        let county = people::county(COUNTY);
        let claim = cases::claim(people::village_of(county), self.serial);
        let command = Command::Create(Box::new(cases::create(county, claim)));
        match command.send(&self.gateway).await {
            Ok(case) => self.book.note(&case),
            Err(status) => {
                assert_eq!(status.code(), Code::Unavailable, "{status}");
                self.refused.push(command);
                return false;
            }
        }
        true
    }

    /// Repeats what was refused.
    async fn repeat(&mut self) {
        for command in std::mem::take(&mut self.refused) {
            let case = command
                .send(&self.gateway)
                .await
                .expect("there is room again");
            self.book.note(&case);
        }
    }
}

/// Signs in as one of those at the desks of `county`.
async fn sign_in(system: &System, county: &str) -> Result<TokenPair, tonic::Status> {
    let village = people::village_of(people::county(county));
    let login = people::login(Role::VillageClerk, village);
    system.gateway().tokens(&login).await
}

/// Where the data lies, and how the room on its disk is taken and given back.
struct Place<'a> {
    data: &'a Path,
    arguments: Vec<&'a str>,
    disk: &'a Disk,
}

/// Fills the disk under a running system until it refused two creates, frees it,
/// works on, kills the system and looks for everything that was acknowledged.
async fn nothing_acknowledged_is_lost(place: &Place<'_>, revive: impl Fn()) {
    let start = || System::start_with(place.data, &place.arguments);
    // The first start makes the accounts; the second finds files without slack.
    assert!(start().await.stop().success());
    let system = start().await;
    let tokens = sign_in(&system, COUNTY).await.expect("signed in");
    let mut clerk = Clerk {
        gateway: system.gateway().with_token(&tokens.access_token),
        serial: 0,
        book: Notebook::default(),
        refused: Vec::new(),
    };
    for _ in 0..3 {
        assert!(clerk.create().await, "refused before the disk was full");
    }

    place.disk.fill();
    while clerk.refused.len() < 2 {
        clerk.create().await;
        assert!(clerk.serial < ENOUGH, "the disk is never full");
    }
    let mut sessions = Vec::new();
    for county in ["150202", "150204", "150205"] {
        match sign_in(&system, county).await {
            Ok(tokens) => sessions.push(tokens),
            Err(status) => assert_eq!(status.code(), Code::Unavailable, "{status}"),
        }
    }

    place.disk.free();
    revive();
    clerk.repeat().await;
    for _ in 0..20 {
        assert!(clerk.create().await, "refused though there is room");
    }
    for county in ["150206", "150207", "150221"] {
        sessions.push(sign_in(&system, county).await.expect("signed in"));
    }
    system.kill();

    audit_verifies_with(place.data, &place.arguments);
    let system = start().await;
    let tokens = sign_in(&system, COUNTY).await.expect("signed in");
    let gateway = system.gateway().with_token(&tokens.access_token);
    everything_is_there(&gateway, people::county(COUNTY), &mut clerk.book).await;
    for session in sessions {
        let refresh_token = session.refresh_token;
        let ask = RefreshSessionRequest { refresh_token };
        let mut identity = IdentityServiceClient::new(system.gateway().call());
        identity.refresh_session(ask).await.expect("a session");
    }
    assert!(system.stop().success());
    audit_verifies_with(place.data, &place.arguments);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_under_the_files_loses_nothing_acknowledged() {
    let Some(disk) = Disk::find() else { return };
    let place = Place {
        data: &disk.path().join("data"),
        // No reserve: the disk is full in the middle of a transaction.
        arguments: vec!["--min-free", "0"],
        disk: &disk,
    };
    nothing_acknowledged_is_lost(&place, || {}).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_without_its_reserve_loses_nothing_acknowledged() {
    let Some(disk) = Disk::find() else { return };
    let place = Place {
        data: &disk.path().join("data"),
        arguments: Vec::new(),
        disk: &disk,
    };
    nothing_acknowledged_is_lost(&place, || {}).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_under_the_tables_of_postgresql_loses_nothing_acknowledged() {
    let Some(disk) = Disk::find() else { return };
    let Some(cluster) = Cluster::start(None) else {
        return;
    };
    let tables = disk.path().join("tables");
    fs::create_dir(&tables).expect("a folder");
    cluster.give(&tables);
    let small = format!("CREATE TABLESPACE small LOCATION '{}'", tables.display());
    cluster.psql("postgres", &["-c", &small]);
    for service in ["eligibility", "gateway"] {
        let moved = format!("ALTER DATABASE yuhui_{service} SET TABLESPACE small");
        cluster.psql("postgres", &["-c", &moved]);
    }
    full_postgres(&cluster, &disk, || {}).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_under_the_log_of_postgresql_loses_nothing_acknowledged() {
    let Some(disk) = Disk::find() else { return };
    let log = disk.path().join("log");
    let Some(cluster) = Cluster::start(Some(&log)) else {
        return;
    };
    // The server ends itself when it cannot write its log.
    full_postgres(&cluster, &disk, || cluster.resume()).await;
}

async fn full_postgres(cluster: &Cluster, disk: &Disk, revive: impl Fn()) {
    let folder = tempfile::tempdir().expect("folder");
    let arguments = cluster.arguments();
    let place = Place {
        data: folder.path(),
        arguments: arguments.iter().map(String::as_str).collect(),
        disk,
    };
    nothing_acknowledged_is_lost(&place, revive).await;
}
