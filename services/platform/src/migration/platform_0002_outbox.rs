//! Events on their way out, and the ids of those that came in.

use sea_orm_migration::{prelude::*, schema::*};

use crate::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let outbox = Table::create()
            .table("outbox")
            .col(big_pk_auto("seq"))
            .col(char_len("tenant", 6))
            .col(text("destination"))
            .col(text("event_id"))
            .col(binary("event"))
            .col(big_integer_null("delivered_ms"))
            .to_owned();
        manager.create_table(outbox).await?;
        let pending = Index::create()
            .name("outbox_pending")
            .table("outbox")
            .col("destination")
            .col("delivered_ms")
            .col("seq")
            .to_owned();
        manager.create_index(pending).await?;
        rls::protect(manager, "outbox").await?;

        let inbox = Table::create()
            .table("inbox")
            .col(char_len("tenant", 6))
            .col(text("event_id"))
            .primary_key(Index::create().col("tenant").col("event_id"))
            .to_owned();
        manager.create_table(inbox).await?;
        rls::protect(manager, "inbox").await
    }
}
