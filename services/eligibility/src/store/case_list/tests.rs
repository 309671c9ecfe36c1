//! How lists of cases are read: out of their indexes, and never row by row.

use sea_orm::{ConnectionTrait as _, DbBackend, QueryTrait as _, Select, Statement};
use time::{
    Duration, OffsetDateTime,
    macros::{date, datetime},
};
use uuid::Uuid;
use yuhui_kernel::Tenant;
use yuhui_platform::db::{Database, Tx};
use yuhui_policy::{Decision, Programme};

use super::{
    Entity, Model, count,
    count::Dimension,
    read::{self, Filter, Order, Sought},
    row, write,
};
use crate::domain::Case;
use crate::store::stores;

/// Rows of the county.
const ROWS: u32 = 20_000;
/// Rows of a statement.
const PART: usize = 500;

fn county() -> Tenant {
    Tenant::parse("150203").expect("a county")
}

fn at(serial: u32) -> OffsetDateTime {
    datetime!(2025-03-01 08:00 +8) + Duration::minutes(i64::from(serial * 7 % 100_000))
}

fn listed(serial: u32) -> Model {
    let village = format!("150203{:03}{:03}", 1 + serial * 13 % 17, 1 + serial % 11);
    let programme = [Programme::P1, Programme::P2][serial as usize % 2];
    let id = Uuid::from_u128(u128::from(serial));
    let village = village.parse().expect("a village");
    let mut case = Case::draft(id, county(), village, programme, at(serial));
    case.round = 2024 + i32::from(serial.is_multiple_of(7));
    case.claimant_ref = format!("c{}", serial / 2);
    case.subject_ref = format!("s{serial}");
    case.receipt_number = format!("150203P1{serial}");
    let day = date!(2025 - 05 - 01) + Duration::days(i64::from(serial * 7 % 120));
    case.lodged_on = Some(day);
    let name = format!("n{}", serial % 900);
    Model {
        state: ["C_REVIEW", "PAID", "LODGED"][serial as usize % 3].into(),
        decision: ["PAY", "REJECT"][usize::from(serial.is_multiple_of(50))].into(),
        proposal: ["", "REJECTION"][usize::from(serial.is_multiple_of(400))].into(),
        rank_on: yuhui_kernel::dates::format(day),
        ..row(&case, &[], name)
    }
}

async fn filled(db: &Database) {
    let tx = db.begin(county()).await.expect("begun");
    let rows: Vec<Model> = (1..=ROWS).map(listed).collect();
    for part in rows.chunks(PART) {
        write(&tx, part.to_vec(), true).await.expect("written");
    }
    tx.commit().await.expect("committed");
}

/// How a store goes about it, in lines.
async fn plan(tx: &Tx, query: &Select<Entity>) -> String {
    let backend = tx.get_database_backend();
    let statement = query.build(backend);
    let (explain, column) = match backend {
        DbBackend::Sqlite => ("EXPLAIN QUERY PLAN", 3),
        _ => ("EXPLAIN", 0),
    };
    let values = statement.values.map(|it| it.0).unwrap_or_default();
    let explain = format!("{explain} {}", statement.sql);
    let explain = Statement::from_sql_and_values(backend, explain, values);
    let rows = tx.query_all_raw(explain).await.expect("a plan");
    let lines = rows.iter().map(|it| it.try_get_by_index::<String>(column));
    let lines: Vec<String> = lines.collect::<Result<_, _>>().expect("lines");
    lines.join("\n")
}

#[tokio::test]
async fn every_list_goes_by_an_index() {
    stores::on_every_store::<crate::Migrator>(async |db, _| {
        filled(&db).await;
        let tx = db.read(county()).await.expect("read");
        let all = Filter::default();
        let states = Filter {
            states: vec![crate::domain::State::CReview],
            rounds: vec![2025],
            ..Filter::default()
        };
        let rare = Filter {
            decisions: vec![Decision::Reject],
            proposals: vec!["REJECTION".into()],
            units: vec!["150203007".into(), "150203003".into()],
            overdue: Some(date!(2025 - 06 - 15)),
            kept_back: true,
            changed_since: Some(super::moment(at(1))),
            ..Filter::default()
        };
        let township = Filter {
            within: "150203007".into(),
            ..Filter::default()
        };
        for filter in [&all, &states, &rare, &township] {
            for (order, key, index) in [
                (Order::Name, "", "case_list_named"),
                (Order::Newest, "1740800000000000", "case_list_newest"),
                (Order::Due, "2025-06-01", "case_list_due"),
                (Order::Lodged, "2025-06-01", "case_list_lodged"),
            ] {
                for after in [None, Some((key, "00000000-0000-0000-0000-000000000900"))] {
                    let query = read::ids(&tx, filter, order, after, 51).expect("a query");
                    let plan = plan(&tx, &query).await;
                    let mut whole = plan.contains("Seq Scan") || plan.contains("SCAN ");
                    let mut by_index = plan.contains("case_list_");
                    if db.backend() == DbBackend::Sqlite {
                        // Its own, and no row is fetched that is only passed over.
                        // Of what is narrowed by days those of an index may be sorted instead.
                        let own = filter.changed_since.is_none();
                        by_index = plan.contains(index)
                            || !own && by_index
                            || order == Order::Name && plan.contains("sqlite_autoindex_case_list");
                        whole |= !plan.contains("COVERING INDEX");
                    }
                    assert!(by_index && !whole, "{order:?} {filter:?}:\n{plan}");
                }
            }
        }
        let village = Filter {
            within: "150203007003".into(),
            ..Filter::default()
        };
        let own = Filter {
            claimant: Some("c77".into()),
            ..Filter::default()
        };
        let sought = |it| Filter {
            sought: Some(it),
            ..Filter::default()
        };
        let name = sought(Sought::Name("n77".into()));
        let receipt = sought(Sought::Receipt("150203P177".into()));
        let number = sought(Sought::Number(vec!["c77".into(), "s9".into()]));
        for (filter, index) in [
            (&village, "case_list_by_unit"),
            (&own, "case_list_by_claimant"),
            (&name, "case_list_by_name"),
            (&receipt, "case_list_by_receipt"),
            (&number, "case_list_by_"),
        ] {
            for (column, value) in read::few(filter) {
                let plan = plan(&tx, &read::with(&tx, column, value)).await;
                assert!(plan.contains(index), "{filter:?}:\n{plan}");
            }
            let narrowed = Filter {
                states: states.states.clone(),
                rounds: states.rounds.clone(),
                ..filter.clone()
            };
            let some: Vec<String> = (1..100).map(|it| listed(it).id).collect();
            for order in [Order::Name, Order::Newest, Order::Due, Order::Lodged] {
                let plan = plan(&tx, &read::of(&tx, &narrowed, order, &some)).await;
                let by_key = match db.backend() {
                    DbBackend::Sqlite => plan.contains("id=?"),
                    _ => !plan.contains("Seq Scan"),
                };
                assert!(by_key, "{order:?} {narrowed:?}:\n{plan}");
            }
        }
        let counted = count::counted(&tx, 2025, &[Dimension::State, Dimension::Township]);
        let plan = plan(&tx, &counted).await;
        let whole = plan.contains("SCAN ") || plan.contains("Seq Scan");
        let at_once = plan.contains("case_list_counted") && !whole;
        assert!(at_once, "{plan}");

        let found = read::page(&tx, &number, Order::Newest, None, 51).await;
        let found: Vec<String> = found.expect("a page").into_iter().map(|it| it.1).collect();
        let mut mine: Vec<Model> = [154, 155, 9].map(listed).into();
        mine.sort_by_key(|it| std::cmp::Reverse((it.changed_at, it.id.clone())));
        let mine: Vec<String> = mine.into_iter().map(|it| it.id).collect();
        assert_eq!(found, mine);
        // Few are put in order here, many by the store: page by page the same.
        let few = Filter {
            states: states.states.clone(),
            ..village.clone()
        };
        for order in [Order::Name, Order::Newest, Order::Due, Order::Lodged] {
            let query = read::ids(&tx, &few, order, None, 1_000).expect("a query");
            let whole = read::keys(&tx, query, order).await.expect("the list");
            assert!(whole.len() > 10, "{}", whole.len());
            let mut paged: Vec<(String, String)> = Vec::new();
            loop {
                let after = paged.last().cloned();
                let after = after.as_ref().map(|(key, id)| (key.as_str(), id.as_str()));
                let page = read::page(&tx, &few, order, after, 7)
                    .await
                    .expect("a page");
                if page.is_empty() {
                    break;
                }
                paged.extend(page);
            }
            assert_eq!(paged, whole, "{order:?}");
        }
    })
    .await;
}
