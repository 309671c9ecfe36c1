//! Proposals of finance, and recoveries.

use sea_orm_migration::{prelude::*, schema::*};
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let proposals = Table::create()
            .table("proposals")
            .col(string_len("tenant", 6))
            .col(text("id"))
            .col(text("kind"))
            .col(integer("round"))
            .col(big_integer("amount_fen"))
            .col(text("document"))
            .col(text_null("case_name"))
            .col(text("maker"))
            .col(text_null("maker_person"))
            .col(text("proposed_on"))
            .col(text_null("checker"))
            .col(big_integer_null("journal"))
            .primary_key(Index::create().col("tenant").col("id"))
            .to_owned();
        manager.create_table(proposals).await?;
        rls::protect(manager, "proposals").await?;

        let recoveries = Table::create()
            .table("recoveries")
            .col(string_len("tenant", 6))
            .col(text("case_name"))
            .col(integer("round"))
            .col(big_integer("demanded_fen"))
            .col(big_integer("recovered_fen"))
            .col(big_integer("written_off_fen"))
            .primary_key(Index::create().col("tenant").col("case_name"))
            .to_owned();
        manager.create_table(recoveries).await?;
        rls::protect(manager, "recoveries").await
    }
}
