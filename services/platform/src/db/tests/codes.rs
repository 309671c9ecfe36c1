//! What each fault of a store is called to the caller.

use tonic::Code;

use super::*;

/// What PostgreSQL answers when a statement fails with this SQLSTATE.
fn raise(state: &str) -> String {
    format!("DO $$ BEGIN RAISE EXCEPTION 'as told' USING ERRCODE = '{state}'; END $$")
}

#[tokio::test]
async fn a_lost_race_is_aborted_and_storage_that_fails_unavailable() {
    on_every_store(async |db| {
        if db.backend() != DbBackend::Postgres {
            return Ok(());
        }
        for (state, code) in [
            ("40001", Code::Aborted),
            ("40P01", Code::Aborted),
            ("55P03", Code::Aborted),
            ("23505", Code::Aborted),
            ("53100", Code::Unavailable),
            ("53200", Code::Unavailable),
            ("57014", Code::Unavailable),
            ("58030", Code::Unavailable),
            ("25P03", Code::Unavailable),
            ("22012", Code::Internal),
            ("42P01", Code::Internal),
        ] {
            let tx = db.begin(tenant("150203")).await?;
            let failed = tx.execute_unprepared(&raise(state)).await;
            let failed = failed.map_err(crate::Error::from).expect_err(state);
            assert_eq!(failed.code(), code, "{state}");
            // Whoever does not look at it learns it at the end.
            let commit = tx.commit().await.expect_err(state);
            assert_eq!(commit.code(), code, "{state} at the end");
            write(&db, tenant("150203").into()).await?;
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn whoever_waits_too_long_for_a_lock_has_lost_the_race() {
    on_every_store(async |db| {
        if db.backend() != DbBackend::Postgres {
            return Ok(());
        }
        let own: Tenancy = tenant("150203").into();
        write(&db, own).await?;
        let holder = db.begin(own).await?;
        let sql = "SELECT * FROM audit_head FOR UPDATE";
        holder.execute_unprepared(sql).await?;
        let waited = write(&db, own).await.expect_err("held");
        assert_eq!(waited.code(), Code::Aborted);
        holder.rollback().await?;
        write(&db, own).await
    })
    .await;
}

#[tokio::test]
async fn of_two_that_wait_for_each_other_one_has_lost_the_race() {
    async fn both(db: &Database, first: u8, second: u8) -> Result<()> {
        let tx = db.begin(tenant("150203")).await?;
        for key in [first, second] {
            let sql = format!("SELECT pg_advisory_xact_lock({key})");
            tx.execute_unprepared(&sql).await?;
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        }
        tx.commit().await
    }
    on_every_store(async |db| {
        if db.backend() != DbBackend::Postgres {
            return Ok(());
        }
        let (one, other) = tokio::join!(both(&db, 1, 2), both(&db, 2, 1));
        let lost: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
        assert_eq!(lost.len(), 1, "{lost:?}");
        assert_eq!(lost[0].code(), Code::Aborted);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_is_cut_is_unavailable_and_another_takes_its_place() {
    on_every_store(async |db| {
        if db.backend() != DbBackend::Postgres {
            return Ok(());
        }
        let own: Tenancy = tenant("150203").into();
        let cut = db.begin(own).await?;
        let sql = "SET LOCAL idle_in_transaction_session_timeout = '20ms'";
        cut.execute_unprepared(sql).await?;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let failed = cut.execute_unprepared("SELECT 1").await;
        let failed = failed.map_err(crate::Error::from).expect_err("cut");
        assert_eq!(failed.code(), Code::Unavailable);
        assert_eq!(
            cut.commit().await.expect_err("cut").code(),
            Code::Unavailable
        );
        write(&db, own).await
    })
    .await;
}
