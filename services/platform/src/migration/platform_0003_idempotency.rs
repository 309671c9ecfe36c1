//! The first answer to every command.

use sea_orm_migration::{prelude::*, schema::*};

use crate::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut answers = Table::create();
        answers.table("idempotency").col(string_len("tenant", 6));
        let mut key = Index::create();
        key.col("tenant");
        for column in ["account", "method", "request_id"] {
            answers.col(text(column));
            key.col(column);
        }
        answers
            .col(text("request_hash"))
            .col(text("object"))
            .col(binary("answer"))
            .col(big_integer("at"))
            .primary_key(&mut key);
        manager.create_table(answers).await?;
        rls::protect(manager, "idempotency").await
    }
}
