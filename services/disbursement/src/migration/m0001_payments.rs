//! Lines, orders, batches, results, and what other services said of cases and
//! rosters.

use sea_orm_migration::{prelude::*, schema::*};
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(lines()).await?;
        rls::protect(manager, "payment_lines").await?;
        for (name, columns) in [
            ("payment_lines_by_case", ["tenant", "case_name"].as_slice()),
            ("payment_lines_by_state", &["tenant", "round", "state"]),
            ("payment_lines_by_order", &["tenant", "order_id", "id"]),
            ("payment_lines_by_batch", &["tenant", "batch_id", "id"]),
        ] {
            manager
                .create_index(index("payment_lines", name, columns))
                .await?;
        }
        let mut by_key = index(
            "payment_lines",
            "payment_lines_by_key",
            &["tenant", "payment_key"],
        );
        manager.create_index(by_key.unique().to_owned()).await?;

        manager.create_table(orders()).await?;
        rls::protect(manager, "payment_orders").await?;
        manager.create_table(batches()).await?;
        rls::protect(manager, "batches").await?;
        manager.create_table(reports()).await?;
        rls::protect(manager, "result_reports").await?;
        manager.create_table(results()).await?;
        rls::append_only(manager, "bank_results").await?;
        for (name, column) in [
            ("bank_results_by_batch", "batch_id"),
            ("bank_results_by_report", "report_id"),
        ] {
            manager
                .create_index(index("bank_results", name, &["tenant", column]))
                .await?;
        }

        manager.create_table(funded()).await?;
        rls::append_only(manager, "funded_rosters").await?;
        manager.create_table(holds()).await?;
        rls::protect(manager, "holds").await?;
        manager.create_table(terminations()).await?;
        rls::append_only(manager, "terminations").await?;
        let by_roster = index(
            "terminations",
            "terminations_by_roster",
            &["tenant", "roster"],
        );
        manager.create_index(by_roster).await
    }
}

/// A table whose rows belong to a tenant and are named by `key` within it.
fn table(name: &'static str, key: &[ColumnDef]) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name).col(string_len("tenant", 6));
    let mut primary = Index::create();
    primary.col("tenant");
    for column in key {
        table.col(column.clone());
        primary.col(Alias::new(column.get_column_name()));
    }
    table.primary_key(&mut primary).to_owned()
}

fn index(
    table: &'static str,
    name: &'static str,
    columns: &[&'static str],
) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    index
}

fn lines() -> TableCreateStatement {
    table("payment_lines", &[uuid("id")])
        .col(text("payment_key"))
        .col(text("case_name"))
        .col(text("roster"))
        .col(integer("programme"))
        .col(integer("round"))
        .col(integer("attempt"))
        .col(text("payee_ref"))
        .col(binary("payee_sealed"))
        .col(binary("account_sealed"))
        .col(text("account_tail"))
        .col(text("bank_name"))
        .col(boolean("corporate"))
        .col(big_integer("amount_fen"))
        .col(text("state"))
        .col(boolean("held"))
        .col(uuid_null("order_id"))
        .col(uuid_null("batch_id"))
        .col(text("return_code"))
        .col(date_null("settled_on"))
        .to_owned()
}

fn orders() -> TableCreateStatement {
    table("payment_orders", &[uuid("id")])
        .col(integer("round"))
        .col(boolean("corrected"))
        .col(text("state"))
        .col(integer("line_count"))
        .col(big_integer("total_fen"))
        .col(json_binary("hands"))
        .col(uuid_null("batch_id"))
        .col(integer("version"))
        .to_owned()
}

fn batches() -> TableCreateStatement {
    table("batches", &[uuid("id")])
        .col(uuid("order_id"))
        .col(integer("round"))
        .col(integer("line_count"))
        .col(big_integer("total_fen"))
        .col(text("hash"))
        .col(date("released_on"))
        .col(boolean("acknowledged"))
        .col(integer("open_count"))
        .col(integer("version"))
        .to_owned()
}

fn reports() -> TableCreateStatement {
    table("result_reports", &[uuid("id")])
        .col(uuid("batch_id"))
        .col(integer("result_count"))
        .col(json_binary("operator"))
        .col(json_binary_null("authoriser"))
        .col(integer("version"))
        .to_owned()
}

fn results() -> TableCreateStatement {
    table("bank_results", &[text("payment_key")])
        .col(uuid("batch_id"))
        .col(uuid("report_id"))
        .col(text("outcome"))
        .col(text("return_code"))
        .col(text("bank_reference"))
        .to_owned()
}

fn funded() -> TableCreateStatement {
    table("funded_rosters", &[text("roster")])
        .col(integer("round"))
        .to_owned()
}

fn holds() -> TableCreateStatement {
    table("holds", &[text("case_name")])
}

fn terminations() -> TableCreateStatement {
    table("terminations", &[text("case_name"), text("roster")])
}
