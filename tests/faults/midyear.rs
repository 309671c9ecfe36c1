//! `kill -9` in the middle of a year, while money and events are on their way:
//! after the restart the events arrive, once, and every service tells the same
//! story.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use tokio::time::timeout;
use yuhui_kernel::Tenant;
use yuhui_proto::{
    authz::v1::Role,
    eligibility::v1::{
        CaseFilter, ListCasesRequest, case::State, case_service_client::CaseServiceClient,
    },
    funding::v1::{
        GetReconciliationRequest, VerifyBookRequest, ledger_service_client::LedgerServiceClient,
    },
};

use super::kill::audit_verifies;
use crate::harness::{
    gateway::Gateway, people, program, query::number, sqlite::open, system::System,
};

/// About a hundred cases.
const SCALE: &str = "0.01";
/// Round of the synthetic year.
const ROUND: i32 = 2025;
/// Longest to wait for anything.
const PATIENCE: Duration = Duration::from_secs(180);
/// Services that send events.
const SENDERS: [&str; 3] = ["eligibility", "funding-ledger", "disbursement"];

/// Plays a year in `data` and kills it once `count` in `service` exceeds `enough`.
async fn play_until(data: &Path, service: &str, count: &str, enough: i64) {
    let mut year = Command::new(program::path())
        .args(["year", "--scale", SCALE, "--data"])
        .arg(data)
        .env(program::LOG.0, program::LOG.1)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("yuhui year starts");
    let file = data.join(format!("{service}.db"));
    let reached = async {
        loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if let Ok(Some(status)) = year.try_wait() {
                panic!("the year ended with {status} before it was killed");
            }
            let Ok(db) = open(&file).await else {
                continue;
            };
            // An error is a table still to come, never a count.
            while let Ok(it) = number(&db, count).await {
                if it > enough {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    };
    let reached = timeout(PATIENCE, reached).await;
    year.kill().expect("killed");
    year.wait().expect("gone");
    reached.expect("the year came so far");
}

/// Waits until no event is on its way. What one service is told may make it
/// tell another: so all must be still at once.
async fn settle(data: &Path, system: &System) {
    let still = async {
        loop {
            let mut waiting = 0;
            for sender in SENDERS {
                let db = open(&data.join(format!("{sender}.db")))
                    .await
                    .expect(sender);
                let sql = "SELECT COALESCE(SUM(h.seq - x.cursor), 0) FROM outbox_lane x \
                           JOIN outbox_head h USING (destination, tenant)";
                waiting += number(&db, sql).await.expect(sender);
            }
            if waiting == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let still = timeout(PATIENCE, still).await;
    assert!(still.is_ok(), "events are stuck: {}", system.said());
}

/// The ledger's book holds, and the ledger, the bank and the cases agree;
/// answers what was credited, in fen.
async fn one_story(auditor: &Gateway, county: Tenant) -> i64 {
    let parent = format!("counties/{}", county.as_str());
    let mut ledger = LedgerServiceClient::new(auditor.call());
    let ask = VerifyBookRequest {
        parent: parent.clone(),
    };
    let book = ledger.verify_book(ask).await.expect("a book").into_inner();
    assert!(book.whole, "{county}: {:?}", book.problems);
    let ask = GetReconciliationRequest {
        parent: parent.clone(),
        round: ROUND,
    };
    let money = ledger.get_reconciliation(ask).await.expect("figures");
    let money = money.into_inner().reconciliation.expect("figures");
    let answered = money.credited_fen + money.returned_fen + money.unknown_fen;
    assert_eq!(money.instructed_fen, answered, "{money:?}");

    let ask = ListCasesRequest {
        parent,
        page_size: 1000,
        filter: Some(CaseFilter {
            states: vec![State::Paid.into(), State::Closed.into()],
            rounds: vec![ROUND],
            ..CaseFilter::default()
        }),
        ..ListCasesRequest::default()
    };
    let mut cases = CaseServiceClient::new(auditor.call());
    let cases = cases.list_cases(ask).await.expect("cases").into_inner();
    assert!(cases.next_page_token.is_empty());
    let paid = cases.cases.iter().filter(|case| !case.paid_on.is_empty());
    let paid: i64 = paid
        .filter_map(|case| case.determination.as_ref())
        .map(|determination| determination.amount_fen)
        .sum();
    assert_eq!(paid, money.credited_fen, "{county}");
    paid
}

/// Plays, kills, restarts, compares; answers what was credited, in fen.
async fn killed_when(service: &str, count: &str, enough: i64) -> i64 {
    let folder = tempfile::tempdir().expect("folder");
    let data = folder.path().join("data");
    play_until(&data, service, count, enough).await;
    audit_verifies(&data);

    let system = System::start(&data).await;
    settle(&data, &system).await;
    let auditor = people::login(Role::CityAuditor, "150200");
    let auditor = system
        .gateway()
        .sign_in(&auditor)
        .await
        .expect("the auditor");
    let mut credited = 0;
    for county in Tenant::all() {
        credited += one_story(&auditor, *county).await;
    }
    assert!(system.stop().success());
    audit_verifies(&data);
    credited
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_the_shares_arrive() {
    killed_when("funding-ledger", "SELECT count(*) FROM journals", 12).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_the_bank_reports() {
    let results = "SELECT count(*) FROM bank_results";
    let credited = killed_when("disbursement", results, 20).await;
    assert!(credited > 0, "nothing was credited");
}
