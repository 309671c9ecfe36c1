//! Sealed rosters and their lines: no payee, no account, no family facts.

use sea_orm_migration::{prelude::*, schema::*};
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let rosters = Table::create()
            .table("rosters")
            .col(string_len("tenant", 6))
            .col(text("roster"))
            .col(integer("round"))
            .col(text("programme"))
            .col(big_integer("total_fen"))
            .col(text("hash"))
            .col(text("state"))
            .col(text("record_number"))
            .primary_key(Index::create().col("tenant").col("roster"))
            .to_owned();
        manager.create_table(rosters).await?;
        rls::protect(manager, "rosters").await?;

        let mut key = Index::create()
            .col("tenant")
            .col("roster")
            .col("case_name")
            .to_owned();
        let lines = Table::create()
            .table("lines")
            .col(string_len("tenant", 6))
            .col(text("roster"))
            .col(text("case_name"))
            .col(integer("round"))
            .col(text("programme"))
            .col(big_integer("amount_fen"))
            .col(text("state"))
            .col(boolean("stop_wanted"))
            .primary_key(&mut key)
            .to_owned();
        manager.create_table(lines).await?;
        for (name, column) in [("lines_by_case", "case_name"), ("lines_by_round", "round")] {
            let index = Index::create()
                .name(name)
                .table("lines")
                .col("tenant")
                .col(column)
                .col("state")
                .to_owned();
            manager.create_index(index).await?;
        }
        rls::protect(manager, "lines").await
    }
}
