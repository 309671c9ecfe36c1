//! A subsidy year, played on the real system: it ends well only if every fen
//! is where it should be.

use sea_orm::{ConnectionTrait as _, DatabaseConnection, TransactionTrait as _};
use yuhui_stage::setting;

use super::some_of;
use crate::harness::{
    ROOT,
    postgres::{Postgres, SERVICES},
    program,
    query::{column, number},
};

/// Some two hundred cases: every programme, stage and reason occurs.
const SCALE: &str = "0.02";

/// Plays a round and answers what was printed, if it reconciles.
fn play(arguments: &[&str]) -> String {
    let (status, output) = program::run(&[&["year"], arguments].concat());
    assert_eq!(status, Some(0), "{output}");
    assert!(!output.contains("FAULT"), "{output}");
    output
}

#[test]
fn a_round_on_files_reconciles() {
    let output = play(&["--scale", SCALE]);
    for told in [
        "everything reconciles",
        "peak memory",
        "trial balances",
        "needs of round 2026",
    ] {
        assert!(output.contains(told), "no {told}: {output}");
    }
}

#[test]
fn the_worked_cases_end_as_the_law_says() {
    let file = format!("{ROOT}/tests/data/cases_shared.json");
    play(&["--cases", &file]);
}

#[test]
fn the_cases_beside_them_end_as_the_law_says() {
    let file = format!("{ROOT}/services/policy/tests/data/cases_law.json");
    play(&["--cases", &file]);
}

#[test]
fn the_cases_of_what_is_not_known_end_as_the_law_says() {
    let file = format!("{ROOT}/services/policy/tests/data/cases_unknown.json");
    play(&["--cases", &file]);
}

#[test]
fn a_case_file_that_cannot_be_read_loads_nothing() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("cases.json");
    let cases = std::fs::read_to_string(format!("{ROOT}/tests/data/cases_shared.json"));
    // A key that the format does not know, on a line of its own.
    let broken = cases
        .expect("cases")
        .replacen('{', "{\n\"surprise\": 1,", 1);
    std::fs::write(&file, broken).expect("written");
    let data = folder.path().join("data");
    let (status, output) = program::run(&[
        "year",
        "--cases",
        file.to_str().expect("text"),
        "--data",
        data.to_str().expect("text"),
    ]);
    assert_eq!(status, Some(2), "{output}");
    assert!(
        output.contains("surprise") && output.contains("line 2"),
        "{output}"
    );
    assert!(!data.exists(), "something was loaded");
}

#[tokio::test(flavor = "multi_thread")]
async fn worked_cases_on_postgresql_end_as_the_law_says_and_leave_nothing() {
    let Some(postgres) = Postgres::find() else {
        return;
    };
    let folder = tempfile::tempdir().expect("folder");
    // All of them take minutes.
    let (file, many) = some_of("tests/data/cases_shared.json", 5, folder.path());
    postgres.clear().await;
    let (service, owner) = (postgres.service_url(), postgres.owner_url());
    let file = file.to_str().expect("text");
    let mut arguments = vec!["--cases", file, "--postgres", &service];
    arguments.extend(["--postgres-owner", &owner]);
    let output = play(&arguments);
    let all_of_them = format!("{many} cases, {many} as expected");
    assert!(output.contains(&all_of_them), "{output}");
    for name in SERVICES {
        let owner = postgres.connect(&owner, name).await;
        assert!(tables(&owner, "true").await.is_empty(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_on_postgresql_reconciles_and_no_row_is_seen_without_a_tenant() {
    let Some(postgres) = Postgres::find() else {
        return;
    };
    postgres.clear().await;
    let (service, owner) = (postgres.service_url(), postgres.owner_url());
    let mut arguments = vec!["--scale", SCALE, "--postgres", &service];
    arguments.extend(["--postgres-owner", &owner]);
    let redis = setting("YUHUI_TEST_REDIS");
    if let Some(redis) = &redis {
        arguments.extend(["--redis", redis]);
    }
    play(&arguments);

    for name in SERVICES {
        let service = postgres.connect(&service, name).await;
        let owner = postgres.connect(&owner, name).await;
        assert!(
            tables(&owner, "NOT relrowsecurity OR NOT relforcerowsecurity")
                .await
                .is_empty()
        );
        let mut rows = 0;
        for table in tables(&owner, "true").await {
            let count = format!("SELECT count(*) FROM \"{table}\"");
            // Forgotten, the tenant hides everything: from the service, and
            // from the owner too.
            assert_eq!(number(&service, &count).await, Ok(0), "{name}.{table}");
            assert_eq!(
                number(&owner, &count).await,
                Ok(0),
                "{name}.{table} as owner"
            );
            let all = counted_as(&service, "*", &count).await;
            let none = counted_as(&service, "", &count).await;
            assert_eq!(none, 0, "{name}.{table} of nobody");
            // Each tenant sees its own, and among them they see everything once.
            let owners = format!("SELECT DISTINCT tenant::text FROM \"{table}\"");
            let mut each = 0;
            for tenant in texts_as(&service, "*", &owners).await {
                let own = format!("{count} WHERE tenant = '{tenant}'");
                let seen = counted_as(&service, &tenant, &count).await;
                assert_eq!(
                    seen,
                    counted_as(&service, "*", &own).await,
                    "{name}.{table}"
                );
                assert!(seen > 0, "{name}.{table}: {tenant} does not see its own");
                each += seen;
            }
            assert_eq!(each, all, "{name}.{table}: some rows are nobody's");
            rows += all;
        }
        assert!(rows > 0, "{name} is empty");
        assert!(cannot_escape(&service).await, "{name}");
    }
}

/// Tables with a tenant column of which `condition` holds.
/// Lanes of events hold counters and leases of every county, which a relay carries at once, and no
/// content.
async fn tables(owner: &DatabaseConnection, condition: &str) -> Vec<String> {
    let sql = format!(
        "SELECT relname::text FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
         WHERE attname = 'tenant' AND relkind IN ('r', 'p')
           AND relnamespace = 'public'::regnamespace AND ({condition})
           AND relname NOT IN ('outbox_head', 'outbox_lane') ORDER BY 1"
    );
    column(owner, &sql).await.expect("tables")
}

/// The count with `tenant` set for the transaction.
async fn counted_as(service: &DatabaseConnection, tenant: &str, count: &str) -> i64 {
    let tx = service.begin().await.expect("a transaction");
    let set = format!("SELECT set_config('yuhui.tenant', '{tenant}', true)");
    tx.execute_unprepared(&set).await.expect("set");
    let counted = number(&tx, count).await.expect("a count");
    tx.rollback().await.expect("ended");
    counted
}

/// What `query` answers with `tenant` set for the transaction.
async fn texts_as(service: &DatabaseConnection, tenant: &str, query: &str) -> Vec<String> {
    let tx = service.begin().await.expect("a transaction");
    let set = format!("SELECT set_config('yuhui.tenant', '{tenant}', true)");
    tx.execute_unprepared(&set).await.expect("set");
    let found = column(&tx, query).await.expect("texts");
    tx.rollback().await.expect("ended");
    found
}

/// A service's role can neither become the owner nor lift the policies.
async fn cannot_escape(service: &DatabaseConnection) -> bool {
    let attempts = [
        "SET ROLE yuhui_owner",
        "SET row_security = off; SELECT count(*) FROM audit",
        "ALTER TABLE audit NO FORCE ROW LEVEL SECURITY",
        "ALTER TABLE audit DISABLE ROW LEVEL SECURITY",
        "DELETE FROM audit",
        "TRUNCATE audit",
    ];
    for attempt in attempts {
        let tx = service.begin().await.expect("a transaction");
        let done = tx.execute_unprepared(attempt).await;
        tx.rollback().await.expect("ended");
        if done.is_ok() {
            eprintln!("succeeded: {attempt}");
            return false;
        }
    }
    true
}
