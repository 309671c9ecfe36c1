//! Isolation of tenants and queueing of writers, on every store.

mod codes;
mod failures;

use sea_orm::{ConnectionTrait as _, DbBackend, EntityTrait as _, PaginatorTrait as _};

use super::{
    Database, Tenancy,
    testing::{on_every_store, tenant},
};
use crate::{Result, audit, caller::Caller, clock::Clock};

async fn write(db: &Database, tenancy: Tenancy) -> Result<()> {
    let tx = db.begin(tenancy).await?;
    let caller = Caller::service("test", None);
    let entry = audit::Entry::new("test.write", "counties/x");
    audit::record(&tx, &caller, Clock::system().now(), entry).await?;
    tx.commit().await
}

async fn visible(db: &Database, tenancy: Tenancy) -> Result<u64> {
    let tx = db.read(tenancy).await?;
    let rows = tx.find::<audit::entry::Entity>();
    Ok(rows.count(tx.connection()).await?)
}

#[tokio::test]
async fn a_tenant_sees_its_own_rows_and_the_city_sees_all() {
    on_every_store(async |db| {
        let (one, other) = (tenant("150203").into(), tenant("150204").into());
        write(&db, one).await?;
        write(&db, one).await?;
        write(&db, Tenancy::City).await?;
        assert_eq!(visible(&db, one).await?, 2);
        assert_eq!(visible(&db, other).await?, 0);
        assert_eq!(visible(&db, Tenancy::City).await?, 1);
        assert_eq!(visible(&db, Tenancy::All).await?, 3);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn nothing_is_written_for_every_tenant_at_once() {
    on_every_store(async |db| {
        let refused = write(&db, Tenancy::All).await.expect_err("read-only");
        assert_eq!(refused.reason().as_deref(), Some("NO_TENANT"));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_forgotten_filter_returns_nothing_on_postgres() {
    on_every_store(async |db| {
        write(&db, tenant("150203").into()).await?;
        let tx = db.read(tenant("150204")).await?;
        let unfiltered = audit::entry::Entity::find().count(tx.connection()).await?;
        let expected = u64::from(db.backend() == DbBackend::Sqlite);
        assert_eq!(unfiltered, expected);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn the_audit_record_cannot_be_changed() {
    on_every_store(async |db| {
        write(&db, tenant("150203").into()).await?;
        for sql in ["UPDATE audit SET note = 'x'", "DELETE FROM audit"] {
            let tx = db.begin(tenant("150203")).await?;
            assert!(tx.connection().execute_unprepared(sql).await.is_err());
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn writers_of_one_database_wait_for_each_other() {
    on_every_store(async |db| {
        let writers = (0..40).map(|number| {
            let db = db.clone();
            let own = tenant(if number % 2 == 0 { "150203" } else { "150204" });
            tokio::spawn(async move { write(&db, own.into()).await })
        });
        for writer in futures::future::join_all(writers).await {
            writer.expect("joined")?;
        }
        assert_eq!(visible(&db, Tenancy::All).await?, 40);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_reading_transaction_sees_one_state() {
    on_every_store(async |db| {
        let own = tenant("150203").into();
        write(&db, own).await?;
        let tx = db.read(own).await?;
        let rows = || tx.find::<audit::entry::Entity>().count(tx.connection());
        assert_eq!(rows().await?, 1);
        write(&db, own).await?;
        assert_eq!(rows().await?, 1);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn two_acts_on_one_head_meet_there() {
    on_every_store(async |db| {
        let inside = std::sync::atomic::AtomicUsize::new(0);
        let act = async |head: &str| {
            let tx = db.begin(tenant("150203")).await?;
            tx.lock(head).await?;
            let before = inside.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            inside.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
            tx.commit().await?;
            Ok::<_, crate::Error>(before)
        };
        let (one, two, three) = tokio::join!(act("a"), act("a"), act("a"));
        assert_eq!([one?, two?, three?], [0, 0, 0]);
        if db.backend() == DbBackend::Postgres {
            let one = db.begin(tenant("150203")).await?;
            one.lock("a").await?;
            // What is not one thing does not wait.
            let other = db.begin(tenant("150203")).await?;
            other.lock("b").await?;
        }
        let reading = db.read(tenant("150203")).await?;
        assert!(reading.lock("a").await.is_err());
        Ok(())
    })
    .await;
}
