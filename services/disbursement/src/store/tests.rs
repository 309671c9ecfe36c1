//! Lost races: what was read is no longer so when it is written.

use tempfile::TempDir;
use time::macros::date;
use tonic::Code;
use uuid::Uuid;
use yuhui_kernel::{Hand, Tenant, proposal::ProposalState};
use yuhui_platform::db::{Database, DbConfig};

use super::{batches, lines, orders, reports};
use crate::{
    Migrator,
    domain::{
        batch::Sealing,
        line::LineState,
        order::Order,
        result::{BankResult, Outcome},
    },
};

fn hand(account: &str) -> Hand {
    Hand {
        account: account.into(),
        person: None,
    }
}

fn tenant() -> Tenant {
    Tenant::parse("150203").expect("county")
}

async fn database() -> (TempDir, Database) {
    let folder = tempfile::tempdir().expect("folder");
    let config = DbConfig::sqlite(&folder.path().join("test.db"));
    let db = Database::connect(&config).await.expect("database");
    db.migrate::<Migrator>().await.expect("migrated");
    (folder, db)
}

fn line(id: u128) -> lines::Model {
    lines::Model {
        tenant: "150203".into(),
        id: Uuid::from_u128(id),
        payment_key: format!("2025/{id}/a/1"),
        case_name: format!("counties/150203/cases/{id}"),
        roster: "counties/150203/rosters/1".into(),
        programme: 1,
        round: 2025,
        attempt: 1,
        payee_ref: "a".into(),
        payee_sealed: vec![2],
        account_sealed: vec![1],
        account_tail: String::new(),
        bank_name: String::new(),
        corporate: false,
        amount_fen: 5,
        state: LineState::Ready.as_str().into(),
        held: false,
        order_id: None,
        batch_id: None,
        return_code: String::new(),
        settled_on: None,
    }
}

#[tokio::test]
async fn who_changes_an_old_version_loses_the_race() {
    let (_folder, db) = database().await;
    let tx = db.begin(tenant()).await.expect("begun");
    let order = Order::proposed(hand("maker"));
    let row = orders::insert(&tx, Uuid::from_u128(1), (2025, false), &order, "").await;
    let row = row.expect("inserted");
    let approved = order.done().approve(hand("checker")).expect("another hand");
    orders::advance(&tx, &row, &approved, "", (None, ""))
        .await
        .expect("first");
    let late = orders::advance(&tx, &row, &approved, "", (None, "")).await;
    assert_eq!(late.expect_err("second").code(), Code::Aborted);

    let seal = Sealing::of("batch").seal();
    let today = date!(2025 - 10 - 20);
    let batch = batches::insert(&tx, Uuid::from_u128(2), &row, &seal, today).await;
    let batch = batch.expect("inserted");
    batches::advance(&tx, &batch, 0).await.expect("first");
    let late = batches::advance(&tx, &batch, 0).await.expect_err("second");
    assert_eq!(late.code(), Code::Aborted);

    let result = BankResult {
        payment_key: "k".into(),
        outcome: Some(Outcome::Credited),
        return_code: String::new(),
        bank_reference: String::new(),
    };
    let ids = (Uuid::from_u128(3), batch.id);
    let tallies = (reports::Tally::default(), reports::Tally::default());
    let operator = hand("operator");
    let report = reports::insert(&tx, ids, &operator, std::slice::from_ref(&result), tallies).await;
    let report = report.expect("inserted");
    let authorised = ProposalState::Approved;
    reports::end(&tx, &report, authorised, &hand("a"), "")
        .await
        .expect("first");
    let late = reports::end(&tx, &report, authorised, &hand("b"), "").await;
    assert_eq!(late.expect_err("second").code(), Code::Aborted);
}

#[tokio::test]
async fn a_line_that_another_order_took_or_a_hold_stopped_is_not_assigned_or_sent() {
    let (_folder, db) = database().await;
    let tx = db.begin(tenant()).await.expect("begun");
    lines::insert_all(&tx, vec![line(1), line(2)])
        .await
        .expect("inserted");
    let rows = lines::waiting(&tx, (2025, LineState::Ready), None, 10)
        .await
        .expect("read");
    let (mine, other, batch) = (Uuid::from_u128(7), Uuid::from_u128(8), Uuid::from_u128(9));
    lines::assign(&tx, &rows, mine).await.expect("first");
    let late = lines::assign(&tx, &rows, other).await.expect_err("second");
    assert_eq!(late.code(), Code::Aborted);
    lines::set_held(&tx, &rows[0].case_name, true)
        .await
        .expect("held");
    let late = lines::send(&tx, &rows, mine, batch)
        .await
        .expect_err("one is held");
    assert_eq!(late.code(), Code::Aborted);
}

#[tokio::test]
async fn another_county_has_no_such_rows() {
    let (_folder, db) = database().await;
    let tx = db.begin(tenant()).await.expect("begun");
    lines::insert_all(&tx, vec![line(1)])
        .await
        .expect("inserted");
    tx.commit().await.expect("committed");
    let other = Tenant::parse("150204").expect("county");
    let tx = db.read(other).await.expect("begun");
    let rows = lines::waiting(&tx, (2025, LineState::Ready), None, 10)
        .await
        .expect("read");
    assert!(rows.is_empty());
}

#[tokio::test]
async fn an_order_is_counted_from_what_is_kept_of_it() {
    let (_folder, db) = database().await;
    let tx = db.begin(tenant()).await.expect("begun");
    let order = Order::proposed(hand("maker"));
    let id = Uuid::from_u128(1);
    let read = orders::insert(&tx, id, (2025, false), &order, "it").await;
    let read = read.expect("inserted");
    let lines = [line(1), line(2), line(3)];
    orders::grow(&tx, id, &lines).await.expect("grown");
    orders::shrink(&tx, id, &lines[..1]).await.expect("shrunk");
    // Whoever writes where it stands has not read its lines.
    orders::advance(&tx, &read, &order.done(), "", (None, ""))
        .await
        .expect("moved");
    let row = orders::get(&tx, id).await.expect("read").expect("there");
    assert_eq!((row.line_count, row.total_fen), (2, 10));
    let gone = orders::grow(&tx, Uuid::from_u128(2), &lines).await;
    assert_eq!(gone.expect_err("no such order").code(), Code::Aborted);
}
