//! Events that do not fit the book yet.

use sea_orm_migration::{prelude::*, schema::*};
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let parked = Table::create()
            .table("parked_events")
            .col(char_len("tenant", 6))
            .col(big_integer("number"))
            .col(text("event_id"))
            .col(text("sender"))
            .col(binary("event"))
            .col(text("reason"))
            .primary_key(Index::create().col("tenant").col("number"))
            .to_owned();
        manager.create_table(parked).await?;
        rls::protect(manager, "parked_events").await
    }
}
