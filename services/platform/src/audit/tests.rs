//! Chains stay whole whoever writes, nobody waits for an act that is not done,
//! and tampering is found, on a store whose owner has taken the triggers away.

use std::time::Duration;

use futures::future::join_all;
use sea_orm::{ConnectionTrait as _, DbBackend};
use tokio::time::timeout;

use super::*;
use crate::{
    Error,
    caller::Caller,
    clock::Clock,
    db::{
        Database, Tenancy,
        testing::{on_every_store, sqlite, tenant},
    },
    outbox,
};

/// Longer than any act takes, shorter than anybody waits for a lock.
const AT_ONCE: Duration = Duration::from_secs(2);

fn entry(action: &str) -> Entry {
    Entry::new(action, "counties/150203/cases/1")
        .before(&serde_json::json!({"state": "LODGED"}))
        .after(&serde_json::json!({"state": "REVIEWED"}))
        .reason("议查属实")
}

async fn begun(db: &Database, tenancy: Tenancy, entries: &[Entry]) -> Result<Tx> {
    let tx = db.begin(tenancy).await?;
    let caller = Caller::service("eligibility", None);
    for entry in entries {
        record(&tx, &caller, Clock::system().now(), entry.clone()).await?;
    }
    Ok(tx)
}

async fn act(db: &Database, code: &str, action: &str) -> Result<()> {
    let tx = begun(db, tenant(code).into(), &[entry(action)]).await?;
    tx.commit().await
}

/// A sign-in that failed, at the login of this number.
fn failure(login: usize) -> Entry {
    Entry::new("session.refuse", format!("logins/{login}")).aside()
}

async fn reports(db: &Database, tenancy: Tenancy) -> Result<Vec<ChainReport>> {
    verify(&db.read(tenancy).await?).await
}

/// The chain of acts of one county.
async fn report(db: &Database, code: &str) -> Result<ChainReport> {
    let mut reports = reports(db, tenant(code).into()).await?;
    assert_eq!(reports.len(), 1, "{reports:?}");
    Ok(reports.remove(0))
}

#[tokio::test]
async fn a_chain_nobody_touched_is_whole_and_each_tenant_has_its_own() {
    on_every_store(async |db| {
        for action in ["case.lodge", "case.review", "case.confirm"] {
            act(&db, "150203", action).await?;
        }
        act(&db, "150204", "case.lodge").await?;
        let own = report(&db, "150203").await?;
        assert_eq!((own.entries, own.broken), (3, None));
        let other = report(&db, "150204").await?;
        assert_eq!((other.entries, other.broken), (1, None));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn acts_of_one_county_that_are_not_done_do_not_wait_for_each_other() {
    on_every_store(async |db| {
        if db.backend() != DbBackend::Postgres {
            return Ok(());
        }
        let own = Tenancy::from(tenant("150203"));
        let both = async {
            let one = begun(&db, own, &[entry("one"), entry("one.too")]).await?;
            let other = begun(&db, own, &[entry("other")]).await?;
            other.commit().await?;
            one.commit().await
        };
        timeout(AT_ONCE, both).await.expect("at once")?;
        let tx = db.read(own).await?;
        let order: Vec<_> = list(&tx, None, 10).await?;
        let order: Vec<_> = order.iter().map(|it| it.action.as_str()).collect();
        assert_eq!(order, ["other", "one", "one.too"], "as they were done");
        assert_eq!(report(&db, "150203").await?.broken, None);
        Ok(())
    })
    .await;
}

/// Eight at once, some of several entries, in all chains, with events in two lanes: whoever took
/// their heads in another order would wait in a circle.
#[tokio::test]
async fn chains_of_eight_writers_at_once_are_whole() {
    on_every_store(async |db| {
        let writers = (0..8).map(|writer| {
            let db = db.clone();
            tokio::spawn(async move {
                for round in 0..20 {
                    let mut entries = vec![failure(writer), failure(round), entry("case.review")];
                    entries.truncate(1 + (writer + round) % 3);
                    entries.rotate_left(writer % 2);
                    let tx = begun(&db, tenant("150203").into(), &entries).await?;
                    let mut lanes = ["disbursement", "funding-ledger"];
                    lanes.rotate_left(writer % 2);
                    for destination in lanes {
                        outbox::publish(&tx, destination, Default::default())?;
                    }
                    tx.commit().await?;
                }
                Ok::<_, Error>(())
            })
        });
        for writer in join_all(writers).await {
            writer.expect("joined")?;
        }
        let reports = reports(&db, tenant("150203").into()).await?;
        assert!(reports.len() > 8, "{reports:?}");
        assert!(reports.iter().all(|it| it.broken.is_none()), "{reports:?}");
        for limit in [1, 7, 100] {
            assert_eq!(in_pages(&db, tenant("150203").into(), limit).await, reports);
        }
        let written: i64 = reports.iter().map(|it| it.entries).sum();
        let expected: usize = (0..8 * 20).map(|it| 1 + (it / 20 + it % 20) % 3).sum();
        assert_eq!(usize::try_from(written), Ok(expected));
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
        let writing = join_all(writers);
        tokio::pin!(writing);
        loop {
            tokio::select! {
                biased;
                checked = report(&db, "150203") => assert_eq!(checked?.broken, None),
                done = &mut writing => {
                    for writer in done {
                        writer.expect("joined")?;
                    }
                    break;
                }
            }
        }
        let report = report(&db, "150203").await?;
        assert_eq!((report.entries, report.broken), (101, None));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn what_is_kept_aside_waits_for_no_act() {
    on_every_store(async |db| {
        let aside = begun(&db, Tenancy::City, &[failure(1)]).await?;
        aside.commit().await?;
        act(&db, "150203", "case.lodge").await?;
        begun(&db, Tenancy::City, &[entry("audit.read")])
            .await?
            .commit()
            .await?;
        if db.backend() == DbBackend::Postgres {
            let holder = db.begin(Tenancy::City).await?;
            let hold = "SELECT * FROM audit_head WHERE chain = 0 FOR UPDATE";
            holder.execute_unprepared(hold).await?;
            let failed = begun(&db, Tenancy::City, &[failure(1)]).await?;
            let at_once = timeout(AT_ONCE, failed.commit()).await;
            at_once.expect("at once")?;
        }
        let chains = reports(&db, Tenancy::City).await?;
        let aside = failure(1).chain;
        let numbers: Vec<_> = chains.iter().map(|it| it.chain).collect();
        assert_eq!(numbers, [ACTS, aside]);
        Ok(())
    })
    .await;
}

#[test]
fn failures_spread_over_all_side_chains_and_one_login_has_one() {
    let chains: std::collections::BTreeSet<_> = (0..500).map(|it| failure(it).chain).collect();
    assert_eq!(chains, (1..=16).collect());
    assert_eq!(failure(7).chain, failure(7).chain);
    assert_eq!(Entry::new("session.open", "accounts/7").chain, ACTS);
}

#[tokio::test]
async fn an_act_that_was_undone_leaves_no_entry() {
    on_every_store(async |db| {
        let own = tenant("150203").into();
        drop(begun(&db, own, &[entry("a"), failure(1)]).await?);
        begun(&db, own, &[entry("b")]).await?.rollback().await?;
        let report = report(&db, "150203").await?;
        assert_eq!((report.entries, report.broken), (0, None));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn nothing_is_recorded_by_who_only_reads() {
    on_every_store(async |db| {
        let caller = Caller::service("eligibility", None);
        for (tenancy, reason) in [
            (Tenancy::All, Some("NO_TENANT")),
            (tenant("150203").into(), None),
        ] {
            let tx = db.read(tenancy).await?;
            let refused = record(&tx, &caller, Clock::system().now(), entry("a")).await;
            let refused = refused.expect_err("read-only");
            assert_eq!(refused.reason().as_deref(), reason);
        }
        Ok(())
    })
    .await;
}

/// What verifying in pages of so many entries comes to.
async fn in_pages(db: &Database, tenancy: Tenancy, limit: u64) -> Vec<ChainReport> {
    let tx = db.read(tenancy).await.expect("begun");
    let (mut found, mut from) = (std::collections::BTreeMap::new(), None);
    loop {
        let page = verify_after(&tx, from, limit).await.expect("verified");
        assert!(page.entries <= limit);
        found.extend(page.reports.into_iter().map(|it| (it.chain, it)));
        from = page.next;
        if from.is_none() {
            return found.into_values().collect();
        }
    }
}

/// Changes the record by hand; answers what is found.
async fn found_after(tenancy: Tenancy, entries: &[Entry], sql: &str) -> Vec<(i16, Break)> {
    let folder = tempfile::tempdir().expect("folder");
    let db = sqlite(folder.path()).await;
    for entry in entries {
        let tx = begun(&db, tenancy, std::slice::from_ref(entry)).await;
        tx.expect("begun").commit().await.expect("recorded");
    }
    let tx = db.begin(tenancy).await.expect("begun");
    for trigger in ["audit_no_UPDATE", "audit_no_DELETE"] {
        let drop = format!("DROP TRIGGER \"{trigger}\"");
        tx.execute_unprepared(&drop).await.expect("dropped");
    }
    tx.execute_unprepared(sql).await.expect("tampered");
    tx.commit().await.expect("committed");
    let reports = reports(&db, tenancy).await.expect("verified");
    for limit in 1..=4 {
        let pages = in_pages(&db, tenancy, limit).await;
        assert_eq!(pages, reports, "{sql} in pages of {limit}");
    }
    let broken = reports.into_iter();
    broken
        .filter_map(|it| it.broken.map(|broken| (it.chain, broken)))
        .collect()
}

#[tokio::test]
async fn every_kind_of_tampering_is_found_where_it_was_done() {
    let changed = "its content was changed";
    let gone = "entries at the end are missing";
    for (sql, seq, what) in [
        ("UPDATE audit SET reason = '' WHERE seq = 2", 2, changed),
        ("UPDATE audit SET after = NULL WHERE seq = 3", 3, changed),
        (
            "DELETE FROM audit WHERE seq = 2",
            3,
            "an entry before it is missing",
        ),
        ("DELETE FROM audit WHERE seq = 3", 3, gone),
        ("DELETE FROM audit_head", 4, gone),
    ] {
        let entries = ["case.lodge", "case.review", "case.confirm"].map(entry);
        let found = found_after(tenant("150203").into(), &entries, sql).await;
        assert_eq!(found, [(ACTS, Break { seq, what })], "{sql}");
    }
}

#[tokio::test]
async fn tampering_with_what_is_kept_aside_is_found_in_its_chain() {
    let side = failure(1).chain;
    let changed = "its content was changed";
    let gone = "entries at the end are missing";
    let of = |sql: &str| sql.replace("SIDE", &side.to_string());
    for (sql, chain, seq, what) in [
        (
            "UPDATE audit SET remote = '' WHERE chain = SIDE AND seq = 2",
            side,
            2,
            changed,
        ),
        ("DELETE FROM audit WHERE chain = SIDE", side, 1, gone),
        (
            "DELETE FROM audit WHERE chain = SIDE AND seq = 2",
            side,
            2,
            gone,
        ),
        ("DELETE FROM audit_head WHERE chain = SIDE", side, 3, gone),
        // Moved to where nobody looks for it, before and behind.
        (
            "UPDATE audit SET chain = -1 WHERE chain = SIDE AND seq = 2",
            -1,
            2,
            "an entry before it is missing",
        ),
        (
            "UPDATE audit SET chain = 17 WHERE chain = SIDE AND seq = 2",
            17,
            2,
            "an entry before it is missing",
        ),
    ] {
        let entries = [failure(1), entry("audit.read"), failure(1)];
        let found = found_after(Tenancy::City, &entries, &of(sql)).await;
        assert!(
            found.contains(&(chain, Break { seq, what })),
            "{sql}: {found:?}"
        );
        assert!(found.iter().all(|it| it.0 != ACTS), "{sql}: {found:?}");
    }
}
