//! The answers given, which are never changed.

use sea_orm_migration::{prelude::*, schema::*};
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let answers = Table::create()
            .table("answers")
            .col(string_len("tenant", 6))
            .col(uuid("case_id"))
            .col(uuid("id"))
            .col(text("register"))
            .col(date("answered_on"))
            .col(date("as_of_on"))
            .col(string_len("digest", 64))
            .primary_key(Index::create().col("tenant").col("case_id").col("id"))
            .to_owned();
        manager.create_table(answers).await?;
        rls::append_only(manager, "answers").await
    }
}
