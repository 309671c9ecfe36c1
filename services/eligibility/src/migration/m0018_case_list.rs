//! What cases are listed, searched and counted by: a narrow row of each, written with the case. Rows of cases that
//! were there before begin with what the table of cases has in columns, so that no list misses one; the rest is
//! arranged by an operation of each county when the service starts.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};
use yuhui_platform::db::rls;

use super::{number, table, text};

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// What a list is narrowed to, so that a page is found without looking at rows that are not on it.
const NARROWED: &[&str] = &[
    "state",
    "programme",
    "round",
    "unit",
    "decision",
    "reason",
    "proposal",
    "flags",
    "rank_on",
    "changed_at",
    "lodged_on",
];
/// What an order leads with; the id ends it.
const ORDERS: [(&str, &[&str]); 4] = [
    ("case_list_named", &["id"]),
    ("case_list_newest", &["changed_at", "id"]),
    ("case_list_due", &["rank_on", "id"]),
    ("case_list_lodged", &["lodged_on", "id"]),
];
/// What few cases have in common. Each ends with the id: that is all that is read of it.
const FOUND: [(&str, &[&str]); 5] = [
    ("case_list_by_unit", &["unit", "id"]),
    ("case_list_by_receipt", &["receipt_number", "id"]),
    ("case_list_by_name", &["name_ref", "id"]),
    ("case_list_by_claimant", &["claimant_ref", "id"]),
    ("case_list_by_subject", &["subject_ref", "id"]),
];
/// What is counted. It begins with what no list is narrowed to: SQLite, which does not know how many cases have what in
/// common, would go by it to where few are looked for.
const COUNTED: [&str; 8] = [
    "decided_on",
    "round",
    "programme",
    "state",
    "decision",
    "reason",
    "unit",
    "lodged_on",
];

/// Of what is not arranged yet nothing is known to be due.
const BEFORE: &str = "
    INSERT INTO case_list (tenant, id, state, programme, round, unit, claimant_ref, rank_on)
    SELECT tenant, id, state, programme, round, unit, claimant_ref, '9999-12-31' FROM cases";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let empty = |name| text(name).default("").to_owned();
        let columns = vec![
            text("tenant"),
            text("id"),
            text("state"),
            text("programme"),
            number("round"),
            text("unit"),
            text("claimant_ref"),
            empty("subject_ref"),
            empty("name_ref"),
            empty("receipt_number"),
            empty("decision"),
            empty("reason"),
            empty("proposal"),
            number("flags").default(0).to_owned(),
            text("rank_on"),
            number("changed_at").default(0).to_owned(),
            empty("lodged_on"),
            empty("decided_on"),
        ];
        manager
            .create_table(table("case_list", columns, &["tenant", "id"]))
            .await?;
        // Before the table is its tenants': a migration is of none.
        let before = match manager.get_database_backend() {
            DbBackend::Postgres => format!(
                "SELECT set_config('yuhui.tenant', '*', false); {BEFORE};
                 SELECT set_config('yuhui.tenant', '', false)"
            ),
            _ => BEFORE.to_owned(),
        };
        manager.get_connection().execute_unprepared(&before).await?;
        let orders = ORDERS.map(|(name, order)| {
            let rest = NARROWED.iter().filter(|it| !order.contains(it));
            (name, order.iter().chain(rest).copied().collect())
        });
        let found = FOUND.map(|(name, columns)| (name, columns.to_vec()));
        let counted = [("case_list_counted", COUNTED.to_vec())];
        let all: [&[(&str, Vec<&str>)]; 3] = [&orders, &counted, &found];
        for (name, columns) in all.concat() {
            let mut index = Index::create();
            index.name(name).table(Alias::new("case_list"));
            index.col(Alias::new("tenant"));
            for column in columns {
                index.col(Alias::new(column));
            }
            manager.create_index(index).await?;
        }
        rls::protect(manager, "case_list").await
    }
}
