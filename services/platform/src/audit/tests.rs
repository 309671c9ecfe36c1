//! Tampering is found, on a store whose owner has taken the triggers away.

use sea_orm::ConnectionTrait as _;

use super::*;
use crate::{
    clock::Clock,
    db::{
        Database,
        testing::{on_every_store, sqlite, tenant},
    },
};

async fn act(db: &Database, code: &str, action: &str) -> Result<()> {
    let own = tenant(code);
    let tx = db.begin(own).await?;
    let entry = Entry::new(action, "counties/150203/cases/1")
        .before(&serde_json::json!({"state": "LODGED"}))
        .after(&serde_json::json!({"state": "REVIEWED"}))
        .reason("议查属实");
    let caller = Caller::service("eligibility", Some(own));
    record(&tx, &caller, Clock::system().now(), entry).await?;
    tx.commit().await
}

async fn report(db: &Database) -> Result<ChainReport> {
    verify(&db.read(tenant("150203")).await?).await
}

#[tokio::test]
async fn a_chain_nobody_touched_is_whole_and_each_tenant_has_its_own() {
    on_every_store(async |db| {
        for action in ["case.lodge", "case.review", "case.confirm"] {
            act(&db, "150203", action).await?;
        }
        act(&db, "150204", "case.lodge").await?;
        let report = report(&db).await?;
        assert_eq!((report.entries, report.broken), (3, None));
        let other = verify(&db.read(tenant("150204")).await?).await?;
        assert_eq!((other.entries, other.broken), (1, None));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_chain_that_grows_meanwhile_is_whole() {
    on_every_store(async |db| {
        act(&db, "150203", "case.lodge").await?;
        let writers = (0..4).map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                for _ in 0..25 {
                    act(&db, "150203", "case.review").await?;
                }
                Ok::<_, Error>(())
            })
        });
        let writing = futures::future::join_all(writers);
        tokio::pin!(writing);
        loop {
            tokio::select! {
                biased;
                checked = report(&db) => assert_eq!(checked?.broken, None),
                done = &mut writing => {
                    for writer in done {
                        writer.expect("joined")?;
                    }
                    break;
                }
            }
        }
        let report = report(&db).await?;
        assert_eq!((report.entries, report.broken), (101, None));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn an_act_that_was_undone_leaves_no_entry() {
    on_every_store(async |db| {
        let tx = db.begin(tenant("150203")).await?;
        let caller = Caller::service("eligibility", None);
        record(&tx, &caller, Clock::system().now(), Entry::new("a", "b")).await?;
        drop(tx);
        let report = report(&db).await?;
        assert_eq!((report.entries, report.broken), (0, None));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn every_kind_of_tampering_is_found_where_it_was_done() {
    let cases = [
        (
            "UPDATE audit SET reason = '' WHERE seq = 2",
            2,
            "its content was changed",
        ),
        (
            "UPDATE audit SET after = NULL WHERE seq = 3",
            3,
            "its content was changed",
        ),
        (
            "DELETE FROM audit WHERE seq = 2",
            3,
            "an entry before it is missing",
        ),
        (
            "DELETE FROM audit WHERE seq = 3",
            3,
            "entries at the end are missing",
        ),
    ];
    for (sql, seq, what) in cases {
        let folder = tempfile::tempdir().expect("folder");
        let db = sqlite(folder.path()).await;
        for action in ["case.lodge", "case.review", "case.confirm"] {
            act(&db, "150203", action).await.expect("recorded");
        }
        let tx = db.begin(tenant("150203")).await.expect("begun");
        let connection = tx.connection();
        for trigger in ["audit_no_UPDATE", "audit_no_DELETE"] {
            let drop = format!("DROP TRIGGER \"{trigger}\"");
            connection.execute_unprepared(&drop).await.expect("dropped");
        }
        connection.execute_unprepared(sql).await.expect("tampered");
        tx.commit().await.expect("committed");
        let found = report(&db).await.expect("verified").broken;
        assert_eq!(found, Some(Break { seq, what }), "{sql}");
    }
}
