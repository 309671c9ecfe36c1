//! What fails leaves nothing behind, and spoils nothing that comes after.

use super::*;

/// Writes what no store accepts, in a transaction that goes on regardless.
async fn write_in_spite_of(db: &Database, sql: &str) -> Result<()> {
    let tx = db.begin(tenant("150203")).await?;
    assert!(tx.execute_unprepared(sql).await.is_err(), "{sql}");
    let caller = Caller::service("test", None);
    let entry = audit::Entry::new("test.write", "counties/x");
    // On SQLite this would be a transaction of its own.
    _ = audit::record(&tx, &caller, Clock::system().now(), entry).await;
    tx.commit().await
}

#[tokio::test]
async fn after_a_failed_statement_nothing_is_executed_and_nothing_committed() {
    on_every_store(async |db| {
        for sql in ["SELECT nonsense FROM nowhere", "UPDATE audit SET seq = 0"] {
            write(&db, tenant("150203").into()).await?;
            let before = visible(&db, Tenancy::All).await?;
            let committed = write_in_spite_of(&db, sql).await;
            assert!(committed.is_err(), "acknowledged after {sql}");
            assert_eq!(visible(&db, Tenancy::All).await?, before);
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_statement_nobody_waited_for_is_a_failed_one() {
    on_every_store(async |db| {
        let tx = db.begin(tenant("150203")).await?;
        let sql = "INSERT INTO audit_head (tenant, chain, seq, hash) VALUES ('150203', 0, 0, '')";
        // Begun, and left alone unless it is over at once.
        let in_time = tokio::select! {
            biased;
            answer = tx.execute_unprepared(sql) => answer.is_ok(),
            () = std::future::ready(()) => false,
        };
        assert_eq!(tx.commit().await.is_ok(), in_time);
        Ok(())
    })
    .await;
}

/// A reference that is looked at when the transaction ends, and leads nowhere.
const DANGLING: &str = "
    CREATE TEMP TABLE parent (id INTEGER PRIMARY KEY);
    CREATE TEMP TABLE child (parent INTEGER
        REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
    INSERT INTO child VALUES (1)";

#[tokio::test]
async fn what_the_commit_refuses_is_not_there_and_the_next_one_is() {
    on_every_store(async |db| {
        let own = tenant("150203");
        for round in 0..3 {
            let tx = db.begin(own).await?;
            let caller = Caller::service("test", None);
            let entry = audit::Entry::new("test.write", "counties/x");
            audit::record(&tx, &caller, Clock::system().now(), entry).await?;
            tx.execute_unprepared(DANGLING).await?;
            assert!(tx.commit().await.is_err());
            write(&db, own.into()).await?;
            assert_eq!(visible(&db, own.into()).await?, round + 1);
        }
        Ok(())
    })
    .await;
}

async fn limit_pages(db: &Database, pages: u64) {
    let sql = format!("PRAGMA max_page_count = {pages}");
    let tx = db.begin(tenant("150203")).await.expect("begun");
    tx.execute_unprepared(&sql).await.expect("set");
    tx.commit().await.expect("committed");
}

#[tokio::test]
async fn what_was_acknowledged_after_the_file_was_full_is_there() {
    let folder = tempfile::tempdir().expect("folder");
    let db = super::super::testing::sqlite(folder.path()).await;
    let own: Tenancy = tenant("150203").into();
    // Fails twice: each time something else was left behind.
    for _ in 0..2 {
        // The limit is the connection's; one opened this instant is not kept.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        limit_pages(&db, 1).await;
        let mut full = Ok(());
        for _ in 0..1000 {
            full = write(&db, own).await;
            if full.is_err() {
                break;
            }
        }
        let code = full.expect_err("it is never full").code();
        assert_eq!(code, tonic::Code::Unavailable);
    }
    let there = visible(&db, own).await.expect("counted");
    limit_pages(&db, 1_000_000).await;
    for _ in 0..20 {
        write(&db, own).await.expect("acknowledged");
    }
    drop(db);
    let db = super::super::testing::sqlite(folder.path()).await;
    assert_eq!(visible(&db, own).await.expect("counted"), there + 20);
    let chains = audit::verify(&db.read(own).await.expect("begun")).await;
    let chains = chains.expect("verified");
    assert!(chains.iter().all(|it| it.broken.is_none()), "{chains:?}");
}
