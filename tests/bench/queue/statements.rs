//! Bare statements that look at as much as the queue has to, and how the store goes about them: as the service
//! asks, without a call.

use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use yuhui_platform::db::Tx;

use crate::many::Many;

/// How often each is timed.
const TIMES: usize = 50;

/// What bare statements take.
pub(crate) struct Reads {
    /// The ids of what is rare among all that waits at the desk.
    pub(crate) rare: Duration,
    /// All that waits at the desk, counted.
    pub(crate) counts: Duration,
    /// Whether the store goes by an index of the queue each time, and looks at no whole table.
    pub(crate) go_by_indexes: bool,
}

impl Reads {
    pub(crate) async fn of(many: &Many) -> Self {
        let tx = many.database().read(many.county).await.expect("read");
        let desk = format!(
            "tenant = '{0}' AND turn = 'COUNTY_REVIEWER' AND unit = '{0}'",
            many.county
        );
        let from = format!("FROM work_items WHERE {desk}");
        let rare =
            "act IN ('REPORT_INQUIRY') AND decision IN ('WAIT') AND village LIKE '150203007%'";
        let page =
            |more: &str| format!("SELECT rank_on, id {from} {more} ORDER BY rank_on, id LIMIT 51");
        let first = page("");
        let ids = texts(&tx, &first, 1).await;
        let ids = ids
            .iter()
            .map(|it| it.split('.').next().unwrap_or_default());
        let ids = ids
            .map(|it| format!("'{it}'"))
            .collect::<Vec<_>>()
            .join(", ");
        let own = format!("tenant = '{}'", many.county);
        let items = format!("SELECT * FROM work_items WHERE {own} AND object IN ({ids})");
        let by = "act, programme, round, rank_on";
        let counts = format!("SELECT {by}, count(*) {from} GROUP BY {by}");
        let unit = "substr(village, 1, 9)";
        let units = format!("SELECT {unit}, count(*) {from} GROUP BY {unit}");
        let narrowed = page(&format!("AND {rare}"));
        let mut go_by_indexes = true;
        for (name, sql) in [
            ("first page", first),
            ("late page", page("AND (rank_on, id) > ('2025-07-01', '')")),
            ("three filters, rare", narrowed.clone()),
            (
                "newest",
                format!("SELECT since_on, id {from} ORDER BY since_on DESC, id DESC LIMIT 51"),
            ),
            ("rows of a page", items),
            ("by act, programme, round, day", counts.clone()),
            ("by township", units.clone()),
        ] {
            go_by_indexes &= explained(&tx, name, &sql).await;
        }
        Self {
            rare: timed(&tx, &narrowed).await,
            counts: timed(&tx, &counts).await + timed(&tx, &units).await,
            go_by_indexes,
        }
    }
}

/// Prints how the store goes about it; answers whether it goes by an index of the queue alone.
async fn explained(tx: &Tx, name: &str, sql: &str) -> bool {
    let (explain, column) = match tx.get_database_backend() {
        DbBackend::Sqlite => ("EXPLAIN QUERY PLAN", 3),
        _ => ("EXPLAIN", 0),
    };
    let plan = texts(tx, &format!("{explain} {sql}"), column).await;
    let plan = plan.join("\n  ");
    println!("{name}\n  {plan}");
    let whole = plan.contains("Seq Scan") || plan.contains("SCAN ");
    let holds = plan.contains("work_items_") && !whole;
    if !holds {
        println!("FAIL  {name}: by no index of the queue");
    }
    holds
}

async fn texts(tx: &Tx, sql: &str, column: usize) -> Vec<String> {
    let statement = Statement::from_string(tx.get_database_backend(), sql);
    let rows = tx.query_all_raw(statement).await.expect(sql);
    let texts = rows.iter().map(|it| it.try_get_by_index(column));
    texts.collect::<Result<_, _>>().expect("texts")
}

/// How long the middle one of several runs takes.
async fn timed(tx: &Tx, sql: &str) -> Duration {
    let backend = tx.get_database_backend();
    let mut times = Vec::with_capacity(TIMES);
    for _ in 0..TIMES {
        let begun = Instant::now();
        let statement = Statement::from_string(backend, sql);
        tx.query_all_raw(statement).await.expect(sql);
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
