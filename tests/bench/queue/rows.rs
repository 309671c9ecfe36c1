//! Items as a county in the middle of its year has them, on the cases that it is filled with.

use sea_orm::{
    ConnectionTrait as _, Statement,
    sea_query::{Alias, Expr, Query},
};
use time::{Duration, macros::date};
use yuhui_kernel::dates;

use crate::many::Many;

/// Items of a statement.
const PER_STATEMENT: usize = 500;
/// Items of villages for each of the county's.
const OTHERS: usize = 4;
/// A township in which few of the rare ones are.
pub(crate) const RARE_UNIT: &str = "150203007";

/// What waits for the reviewer, how many of a hundred.
const ACTS: [(&str, usize); 5] = [
    ("REVIEW", 40),
    ("POST_NOTICE", 20),
    ("BUILD_ROSTER", 20),
    ("CLOSE", 19),
    ("REPORT_INQUIRY", 1),
];
const COLUMNS: [&str; 18] = [
    "tenant",
    "object",
    "id",
    "turn",
    "unit",
    "rank_on",
    "since_on",
    "act",
    "programme",
    "round",
    "decision",
    "village",
    "flags",
    "collection",
    "state",
    "due_on",
    "post_by_on",
    "not_before_on",
];

/// Writes one item of the reviewer for each case, and four of villages.
pub(crate) async fn spread(many: &Many) {
    let county = many.county;
    let tx = many.database().begin(county).await.expect("begun");
    let backend = tx.get_database_backend();
    let ids = format!("SELECT id FROM cases WHERE tenant = '{county}' ORDER BY id");
    let ids = tx.query_all_raw(Statement::from_string(backend, ids)).await;
    let ids = ids.expect("cases").into_iter();
    let ids: Vec<String> = ids.map(|it| it.try_get("", "id").expect("an id")).collect();
    let clear = format!("DELETE FROM work_items WHERE tenant = '{county}'");
    let cleared = tx.execute_unprepared(&clear).await;
    cleared.expect("cleared");
    let serials: Vec<usize> = (0..ids.len() * (1 + OTHERS)).collect();
    for part in serials.chunks(PER_STATEMENT) {
        let mut insert = Query::insert();
        insert.into_table(Alias::new("work_items"));
        insert.columns(COLUMNS.map(Alias::new));
        for serial in part {
            let (case, copy) = (serial / (1 + OTHERS), serial % (1 + OTHERS));
            insert.values_panic(values(&county.to_string(), &ids[case], case, copy));
        }
        tx.execute(&insert).await.expect("inserted");
    }
    tx.commit().await.expect("committed");
    println!("spread     {:>8} items", serials.len());
}

fn values(county: &str, object: &str, case: usize, copy: usize) -> Vec<Expr> {
    let text = |it: &str| Expr::value(it.to_owned());
    let number = |it: usize| Expr::value(i64::try_from(it).expect("small"));
    // Spread by numbers that have no part in common.
    let day = date!(2025 - 05 - 01) + Duration::days((case * 7 % 120).try_into().expect("small"));
    let day = dates::format(day);
    let village = format!("150203{:03}{:03}", 1 + case * 13 % 17, 1 + case % 11);
    let (turn, unit, act) = match copy {
        0 => ("COUNTY_REVIEWER", county.to_owned(), act(case)),
        _ => ("VILLAGE_CLERK", village.clone(), "REPORT"),
    };
    let rank = if act == "CLOSE" { "9999-12-31" } else { &day };
    let due = if act == "CLOSE" { "" } else { &day };
    vec![
        text(county),
        text(object),
        text(&format!("{object}.{copy}-0")),
        text(turn),
        text(&unit),
        text(rank),
        text(&day),
        text(act),
        text(["P1", "P1", "P2"][case % 3]),
        number(2024 + usize::from(!case.is_multiple_of(7))),
        text(if case % 50 == 49 { "WAIT" } else { "PAY" }),
        text(&village),
        number(if case.is_multiple_of(211) { 2 } else { 0 }),
        text("cases"),
        text("C_REVIEW"),
        text(due),
        text(""),
        text(""),
    ]
}

fn act(case: usize) -> &'static str {
    let mut place = case % 100;
    for (act, many) in ACTS {
        if place < many {
            return act;
        }
        place -= many;
    }
    ACTS[0].0
}
