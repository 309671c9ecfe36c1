//! Codes tell the truth: storage that is away is `UNAVAILABLE`, a request that
//! cannot be read `INVALID_ARGUMENT`, a race that is lost `ABORTED`, and
//! `INTERNAL` is a fault of the system's own.

use std::{path::Path, time::Duration};

use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, SqliteTransactionMode, TransactionOptions,
    TransactionTrait as _,
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{GetCaseRequest, case_service_client::CaseServiceClient},
};

use crate::harness::{cases, cluster::Cluster, gateway::Gateway, people, system::System};

const COUNTY: &str = "150203";
const SIGN_IN: &str = "/yuhui.identity.v1.IdentityService/SignIn";
const CREATE_CASE: &str = "/yuhui.eligibility.v1.CaseService/CreateCase";

fn login() -> String {
    let village = people::village_of(people::county(COUNTY));
    people::login(Role::VillageClerk, village)
}

async fn clerk(system: &System) -> Gateway {
    system.gateway().sign_in(&login()).await.expect("signed in")
}

/// Opens a case.
async fn create(clerk: &Gateway, serial: u32) -> Result<(), Status> {
    let county = people::county(COUNTY);
    let claim = cases::claim(people::village_of(county), serial);
    let mut client = CaseServiceClient::new(clerk.call());
    client.create_case(cases::create(county, claim)).await?;
    Ok(())
}

async fn on_postgres(cluster: &Cluster, data: &Path) -> System {
    let arguments = cluster.arguments();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    System::start_with(data, &arguments).await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_database_the_system_is_unavailable_until_it_is_back() {
    let Some(cluster) = Cluster::start(None) else {
        return;
    };
    let folder = tempfile::tempdir().expect("folder");
    let system = on_postgres(&cluster, folder.path()).await;
    let clerk = clerk(&system).await;
    create(&clerk, 1).await.expect("created");

    cluster.stop();
    for serial in 2..4 {
        let away = create(&clerk, serial).await.expect_err("no database");
        assert_eq!(away.code(), Code::Unavailable, "{away}");
    }
    let name = format!("counties/{COUNTY}/cases/00000000-0000-7000-8000-000000000001");
    let get = GetCaseRequest { name };
    let read = CaseServiceClient::new(clerk.call()).get_case(get).await;
    let away = read.expect_err("no database");
    assert_eq!(away.code(), Code::Unavailable, "{away}");
    let away = system.gateway().tokens(&login()).await;
    let away = away.expect_err("no database");
    assert_eq!(away.code(), Code::Unavailable, "{away}");

    cluster.resume();
    create(&clerk, 4).await.expect("created again");
}

/// Makes every act of a county fail in the database, at once or at its end.
fn trigger(state: &str, constraint: &str) -> String {
    format!(
        "CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'as told' USING ERRCODE = '{state}'; END $$;
         DROP TRIGGER IF EXISTS fail ON audit;
         CREATE {constraint} FOR EACH ROW EXECUTE FUNCTION fail()"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_database_says_reaches_the_caller_as_what_it_is() {
    const AT_ONCE: &str = "TRIGGER fail AFTER INSERT ON audit";
    const AT_THE_END: &str =
        "CONSTRAINT TRIGGER fail AFTER INSERT ON audit DEFERRABLE INITIALLY DEFERRED";
    let Some(cluster) = Cluster::start(None) else {
        return;
    };
    let folder = tempfile::tempdir().expect("folder");
    let system = on_postgres(&cluster, folder.path()).await;
    let clerk = clerk(&system).await;
    create(&clerk, 1).await.expect("created");
    let mut serial = 1;
    for (state, code) in [
        ("40001", Code::Aborted),     // serialization_failure
        ("40P01", Code::Aborted),     // deadlock_detected
        ("55P03", Code::Aborted),     // lock_not_available
        ("23505", Code::Aborted),     // unique_violation
        ("53100", Code::Unavailable), // disk_full
        ("57014", Code::Unavailable), // query_canceled: it took too long
        ("58030", Code::Unavailable), // io_error
        ("22012", Code::Internal),    // division_by_zero
    ] {
        for when in [AT_ONCE, AT_THE_END] {
            cluster.execute("eligibility", &trigger(state, when)).await;
            serial += 1;
            let told = create(&clerk, serial).await.expect_err(state);
            assert_eq!(told.code(), code, "{state} {when}: {told}");
        }
    }
    let gone = "DROP TRIGGER fail ON audit";
    cluster.execute("eligibility", gone).await;
    create(&clerk, serial + 1).await.expect("created");

    // Somebody holds the county's chain for longer than anybody waits.
    let holder = cluster.connect("eligibility").await;
    let holding = holder.begin().await.expect("begun");
    let hold = "SELECT * FROM audit_head FOR UPDATE";
    holding.execute_unprepared(hold).await.expect("held");
    let told = create(&clerk, serial + 2).await.expect_err("held");
    assert_eq!(told.code(), Code::Aborted, "{told}");
    holding.rollback().await.expect("let go");
    create(&clerk, serial + 3).await.expect("created");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_another_process_writes_to_is_a_lost_race() {
    let folder = tempfile::tempdir().expect("folder");
    let system = System::start(folder.path()).await;
    let clerk = clerk(&system).await;
    let file = folder.path().join("eligibility.db");
    let mut options = ConnectOptions::new(format!("sqlite://{}", file.display()));
    options.max_connections(1).sqlx_logging(false);
    let other = Database::connect(options).await.expect("opened");
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let holding = other.begin_with_options(immediate).await.expect("begun");
    let told = create(&clerk, 1).await.expect_err("held");
    assert_eq!(told.code(), Code::Aborted, "{told}");
    holding.rollback().await.expect("let go");
    create(&clerk, 2).await.expect("created");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_cannot_be_read_is_the_callers_mistake() {
    let folder = tempfile::tempdir().expect("folder");
    let system = System::start(folder.path()).await;
    let clerk = clerk(&system).await;
    // As bytes of the first field: a name that is no UTF-8, a parent likewise.
    let garbage = vec![0xff_u8; 3];
    for (gateway, path) in [(&system.gateway(), SIGN_IN), (&clerk, CREATE_CASE)] {
        let told = gateway.call_with(path, garbage.clone()).await;
        let told = told.expect_err(path);
        assert_eq!(told.code(), Code::InvalidArgument, "{path}: {told}");
        let info = told.get_details_error_info().expect("a reason");
        assert_eq!(info.reason, "INVALID_ARGUMENT", "{path}");
    }
    // And nobody else is the worse for it.
    tokio::time::timeout(Duration::from_secs(10), create(&clerk, 1))
        .await
        .expect("in time")
        .expect("created");
}
