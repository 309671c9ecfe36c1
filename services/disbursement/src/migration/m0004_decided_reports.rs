//! A report may be declined or withdrawn, and what it says be reported anew: a result is one of its report, no longer
//! one of its key for good. Orders say why they were closed, and lines are listed by roster and programme.

use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEXES: [(&str, &str, &[&str]); 5] = [
    // Ends with the id, so that a page is read from where it begins.
    (
        "payment_lines",
        "payment_lines_by_case",
        &["tenant", "case_name", "id"],
    ),
    (
        "payment_lines",
        "payment_lines_by_roster",
        &["tenant", "roster", "id"],
    ),
    (
        "payment_lines",
        "payment_lines_by_programme",
        &["tenant", "programme", "id"],
    ),
    (
        "result_reports",
        "result_reports_by_batch",
        &["tenant", "batch_id", "id"],
    ),
    (
        "bank_results",
        "bank_results_by_key",
        &["tenant", "payment_key"],
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add(manager, "payment_orders", text("words").default("")).await?;
        for name in ["ended", "words", "digest"] {
            add(manager, "result_reports", text(name).default("")).await?;
        }
        for name in ["credited_count", "returned_count"] {
            add(manager, "result_reports", integer(name).default(0)).await?;
        }
        for name in ["credited_fen", "returned_fen"] {
            add(manager, "result_reports", big_integer(name).default(0)).await?;
        }
        let is_sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        let connection = manager.get_connection();
        let mut by_case = Index::drop();
        by_case.name("payment_lines_by_case").table("payment_lines");
        manager.drop_index(by_case.to_owned()).await?;
        if is_sqlite {
            connection
                .execute_unprepared("ALTER TABLE bank_results RENAME TO bank_results_before")
                .await?;
            for index in ["bank_results_by_batch", "bank_results_by_report"] {
                let drop = format!("DROP INDEX {index}");
                connection.execute_unprepared(&drop).await?;
            }
            manager.create_table(results()).await?;
            let columns =
                "tenant, report_id, payment_key, batch_id, outcome, return_code, bank_reference";
            connection
                .execute_unprepared(&format!(
                    "INSERT INTO bank_results ({columns}) SELECT {columns} FROM bank_results_before;
                     DROP TABLE bank_results_before"
                ))
                .await?;
            rls::append_only(manager, "bank_results").await?;
            let mut by_batch = Index::create();
            by_batch.name("bank_results_by_batch").table("bank_results");
            by_batch.col("tenant").col("batch_id");
            manager.create_index(by_batch.to_owned()).await?;
        } else {
            connection
                .execute_unprepared(
                    "ALTER TABLE bank_results DROP CONSTRAINT bank_results_pkey,
                        ADD PRIMARY KEY (tenant, report_id, payment_key);
                     DROP INDEX bank_results_by_report",
                )
                .await?;
        }
        for (table, name, columns) in INDEXES {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index.to_owned()).await?;
        }
        Ok(())
    }
}

async fn add(
    manager: &SchemaManager<'_>,
    table: &'static str,
    column: &mut ColumnDef,
) -> Result<(), DbErr> {
    let mut altered = Table::alter();
    altered.table(table).add_column(column);
    manager.alter_table(altered.to_owned()).await
}

fn results() -> TableCreateStatement {
    Table::create()
        .table("bank_results")
        .col(string_len("tenant", 6))
        .col(uuid("report_id"))
        .col(text("payment_key"))
        .col(uuid("batch_id"))
        .col(text("outcome"))
        .col(text("return_code"))
        .col(text("bank_reference"))
        .primary_key(
            Index::create()
                .col("tenant")
                .col("report_id")
                .col("payment_key"),
        )
        .to_owned()
}
