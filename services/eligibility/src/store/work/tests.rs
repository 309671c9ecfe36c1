//! How the queue is read: out of its indexes, and never row by row.

use sea_orm::{ConnectionTrait as _, DbBackend, QueryTrait as _, Select, Statement};
use time::macros::date;
use uuid::Uuid;
use yuhui_kernel::Tenant;
use yuhui_platform::db::{Database, Tx};
use yuhui_policy::{Decision, Programme};

use super::{
    entity::items,
    read::{self, Filter, Order, Queue},
    row,
};
use crate::domain::turn::{Act, Collection, Days, Desk, Item};
use crate::store::stores;

/// Rows of the county, of which a fifth waits at the desk.
const ROWS: u32 = 20_000;

fn county() -> Tenant {
    Tenant::parse("150203").expect("a county")
}

fn item(serial: u32) -> Item {
    let act = Act::ALL[serial as usize % Act::ALL.len()];
    let (desk, whose) = match serial % 5 {
        0 => (Desk::CountyReviewer, "150203".to_owned()),
        _ => (Desk::VillageClerk, format!("150203002{:03}", serial % 400)),
    };
    let day = date!(2025 - 05 - 01) + time::Duration::days(i64::from(serial * 7 % 120));
    Item {
        tenant: county(),
        collection: Collection::Cases,
        object: Uuid::from_u128(u128::from(serial)),
        desk,
        whose,
        act,
        programme: Some([Programme::P1, Programme::P2, Programme::P3][serial as usize % 3]),
        round: 2024 + i32::from(serial.is_multiple_of(7)),
        state: None,
        decision: Some([Decision::Pay, Decision::Reject][usize::from(serial.is_multiple_of(50))]),
        village: format!("150203002{:03}", 1 + serial % 400)
            .parse()
            .expect("a village"),
        waits: serial.is_multiple_of(97),
        contradicted: serial.is_multiple_of(89),
        since: Some(day),
        days: Days {
            due_on: (!serial.is_multiple_of(11)).then_some(day),
            ..Days::default()
        },
    }
}

async fn filled(db: &Database) {
    let tx = db.begin(county()).await.expect("begun");
    let rows = (1..=ROWS).map(|it| row(&item(it)));
    tx.insert_all(rows.collect()).await.expect("inserted");
    tx.commit().await.expect("committed");
}

/// How a store goes about it, in lines.
async fn plan(tx: &Tx, query: &Select<items::Entity>) -> String {
    let backend = tx.get_database_backend();
    let statement = query.build(backend);
    let explain = match backend {
        DbBackend::Sqlite => format!("EXPLAIN QUERY PLAN {}", statement.sql),
        _ => format!("EXPLAIN {}", statement.sql),
    };
    let values = statement.values.map(|it| it.0).unwrap_or_default();
    let explain = Statement::from_sql_and_values(backend, explain, values);
    let rows = tx.query_all_raw(explain).await.expect("a plan");
    let column = match backend {
        DbBackend::Sqlite => 3,
        _ => 0,
    };
    let lines = rows.iter().map(|it| it.try_get_by_index::<String>(column));
    let lines: Vec<String> = lines.collect::<Result<_, _>>().expect("lines");
    lines.join("\n")
}

#[tokio::test]
async fn every_read_goes_by_an_index() {
    stores::on_every_store::<crate::Migrator>(async |db, _| {
        filled(&db).await;
        let tx = db.read(county()).await.expect("read");
        let queue = |filter| Queue {
            desk: Desk::CountyReviewer,
            whose: "150203".into(),
            filter,
            today: date!(2025 - 06 - 15),
        };
        let all = queue(Filter::default());
        let rare = queue(Filter {
            programmes: vec![Programme::P2],
            decisions: vec![Decision::Reject],
            units: vec!["150203002001".into(), "150203002051".into()],
            ..Filter::default()
        });
        let flagged = queue(Filter {
            overdue: true,
            contradicted: true,
            ..Filter::default()
        });
        let acts = queue(Filter {
            acts: vec![Act::Review, Act::Close],
            ..Filter::default()
        });
        for queue in [&all, &rare, &flagged, &acts] {
            let after = Some(("2025-06-01", "0"));
            for (what, query, index) in [
                (
                    "due",
                    read::ids(&tx, queue, Order::Due, None, 51),
                    "work_items_due",
                ),
                (
                    "late",
                    read::ids(&tx, queue, Order::Due, after, 51),
                    "work_items_due",
                ),
                (
                    "newest",
                    read::ids(&tx, queue, Order::Newest, after, 51),
                    "work_items_newest",
                ),
                ("facets", read::facets(&tx, queue), "work_items_facets"),
                ("units", read::units(&tx, queue, 9), "work_items_"),
            ] {
                let plan = plan(&tx, &query).await;
                let by_index = plan.contains(index);
                let mut whole = plan.contains("Seq Scan") || plan.contains("SCAN ");
                if db.backend() == DbBackend::Sqlite {
                    // Nor is a row fetched that is only counted or passed over.
                    whole |= !plan.contains("COVERING INDEX");
                }
                assert!(by_index && !whole, "{what}, {:?}:\n{plan}", queue.filter);
            }
        }
        let found = read::list(&tx, &rare, Order::Due, None, 51)
            .await
            .expect("a page");
        let mine = (1..=ROWS).map(item).filter(|it| {
            let rare = it.programme == Some(Programme::P2) && it.decision == Some(Decision::Reject);
            let village = it.village.to_string();
            let there = ["150203002001", "150203002051"].contains(&&*village);
            it.desk == Desk::CountyReviewer && rare && there
        });
        let mut mine: Vec<Item> = mine.collect();
        mine.sort_by_key(|it| (it.days.act_by().is_none(), it.days.act_by(), it.id()));
        let found: Vec<Item> = found.into_iter().map(|it| it.item).collect();
        assert!(!mine.is_empty() && mine.len() < 51, "{}", mine.len());
        assert_eq!(found, mine);
    })
    .await;
}
