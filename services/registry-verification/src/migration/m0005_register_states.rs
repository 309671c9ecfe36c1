//! How the registers stand for a county: whether they answer, up to which day, and for what.

use sea_orm_migration::{prelude::*, schema::*};
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let states = Table::create()
            .table("register_states")
            .col(string_len("tenant", 6))
            .col(string_len("register", 32))
            .col(boolean("unavailable"))
            .col(text("reason"))
            .col(date_null("as_of_on"))
            .col(json_binary("partial"))
            .col(date("since_on"))
            .primary_key(Index::create().col("tenant").col("register"))
            .to_owned();
        manager.create_table(states).await?;
        rls::protect(manager, "register_states").await
    }
}
