//! What waits at which desk. Rows follow from those of cases, notices, rosters and reviews, and are written
//! with them; what was there before is arranged by an operation of each county when the service starts.

use sea_orm_migration::prelude::*;
use yuhui_platform::db::rls;

use super::{number, table, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// A desk's queue is what is equal in these.
const DESK: [&str; 3] = ["tenant", "turn", "unit"];
/// What it is narrowed to, so that a page is found without looking at rows that are not on it.
const NARROWED: &[&str] = &["act", "programme", "round", "decision", "village", "flags"];
/// What is counted comes in the order in which it is grouped.
const COUNTED: &[&str] = &[
    "act",
    "programme",
    "round",
    "rank_on",
    "decision",
    "village",
    "flags",
];

/// By the day, newest first, and counted by what it is narrowed to.
const INDEXES: [(&str, &[&str], &[&str]); 3] = [
    ("work_items_due", &["rank_on", "id"], NARROWED),
    (
        "work_items_newest",
        &["since_on", "id", "rank_on"],
        NARROWED,
    ),
    ("work_items_facets", COUNTED, &[]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            text("tenant"),
            text("object"),
            text("id"),
            text("turn"),
            text("unit"),
            text("rank_on"),
            text("since_on"),
            text("act"),
            text("programme"),
            number("round"),
            text("decision"),
            text("village"),
            number("flags"),
            text("collection"),
            text("state"),
            text("due_on"),
            text("post_by_on"),
            text("not_before_on"),
        ];
        let key = ["tenant", "object", "id"];
        manager
            .create_table(table("work_items", columns, &key))
            .await?;
        for (name, order, then) in INDEXES {
            let mut index = Index::create();
            index.name(name).table(Alias::new("work_items"));
            let columns = [&DESK, order, then].concat();
            for column in columns {
                index.col(Alias::new(column));
            }
            manager.create_index(index).await?;
        }
        rls::protect(manager, "work_items").await
    }
}
