//! The city book follows, whatever comes between the two transactions.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use time::macros::date;
use yuhui_kernel::{Money, Tenant};
use yuhui_platform::{
    Clock,
    db::{Database, Tenancy},
    peers::Peers,
    token::Signer,
};

use super::{
    book::{Cause, OpenBook},
    city, verify,
};
use crate::{
    Deps, Migrator,
    domain::book::{LedgerEvent, Programme, ResidualBearer},
};

#[path = "../../tests/it/stores.rs"]
mod stores;

use stores::on_every_store;

fn county() -> Tenant {
    Tenant::parse("150203").expect("county")
}

fn clock() -> Clock {
    Clock::sandbox(date!(2025 - 08 - 15))
}

/// Posts in the county's book alone, as if the process had ended before the city's.
async fn post(db: &Database, events: &[LedgerEvent]) {
    let tx = db.begin(county()).await.expect("begun");
    let mut book = OpenBook::open(&tx).await.expect("locked");
    let round = book.round(2025, ResidualBearer::County).await;
    let mut round = round.expect("read");
    let cause = Cause {
        source: "counties/150203/rosters/main".into(),
        actor: "service:eligibility".into(),
        origin: "e-1".into(),
        posted_on: date!(2025 - 08 - 15),
    };
    for event in events {
        let posted = book.post(2025, &mut round, event, &cause).await;
        posted.expect("posted");
    }
    tx.commit().await.expect("committed");
}

async fn city(db: &Database) -> verify::Verdict {
    let tx = db.read(Tenancy::All).await.expect("begun");
    verify::city(&tx).await.expect("read")
}

#[tokio::test]
async fn a_county_journal_reaches_the_city_book_once_however_often_it_is_carried() {
    on_every_store::<Migrator>(async |db, _| {
        let amount = Money::from_fen(1_001);
        let programme = Programme::P1;
        let events = [
            LedgerEvent::ConfirmRoster { programme, amount },
            LedgerEvent::RecogniseShares { amount },
            LedgerEvent::ReceiveCity {
                amount: Money::from_fen(500),
            },
        ];
        post(&db, &events).await;
        // Late is not wrong: what is on its way counts.
        let late = city(&db).await;
        assert_eq!((late.journals, late.problems.len()), (0, 0));
        let clock = clock();
        let runs = join_all((0..4).map(|_| city::follow(&db, &clock, county(), None))).await;
        assert!(runs.iter().any(Result::is_ok), "{runs:?}");
        city::follow(&db, &clock, county(), None)
            .await
            .expect("again");
        let after = city(&db).await;
        assert_eq!((after.journals, after.problems.len()), (2, 0));
    })
    .await;
}

#[tokio::test]
async fn many_journals_that_do_not_touch_the_city_do_not_stop_it() {
    on_every_store::<Migrator>(async |db, _| {
        let programme = Programme::P1;
        let fen = Money::from_fen;
        let mut events = vec![LedgerEvent::ConfirmRoster {
            programme,
            amount: fen(500),
        }];
        let stopped = LedgerEvent::TerminateUnpaid {
            programme,
            amount: fen(1),
            stage: crate::domain::book::Stage::Sealed,
        };
        events.extend([stopped; 250]);
        events.push(LedgerEvent::RecogniseShares { amount: fen(250) });
        post(&db, &events).await;
        city::follow(&db, &clock(), county(), None)
            .await
            .expect("followed");
        let after = city(&db).await;
        assert_eq!((after.journals, after.problems.len()), (1, 0));
    })
    .await;
}

#[tokio::test]
async fn the_job_carries_what_was_cut_off() {
    on_every_store::<Migrator>(async |db, _| {
        let amount = Money::from_fen(1_000);
        let programme = Programme::P1;
        let events = [
            LedgerEvent::ConfirmRoster { programme, amount },
            LedgerEvent::RecogniseShares { amount },
        ];
        post(&db, &events).await;
        let job = crate::jobs::spawn(Deps {
            db: db.clone(),
            clock: clock(),
            peers: Peers::new(Arc::new(Signer::generate("funding-ledger").expect("key"))),
            residual_bearer: ResidualBearer::County,
        });
        let carried = async {
            while city(&db).await.journals == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(10), carried).await;
        waited.expect("carried");
        job.stop().await;
        assert!(city(&db).await.problems.is_empty());
    })
    .await;
}
