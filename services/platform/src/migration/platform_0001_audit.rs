//! The audit record and the head of each tenant's chain.

use sea_orm_migration::{prelude::*, schema::*};

use crate::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut entries = Table::create();
        entries
            .table("audit")
            .col(char_len("tenant", 6))
            .col(big_integer("seq"))
            .primary_key(Index::create().col("tenant").col("seq"));
        for column in [
            "at",
            "actor",
            "name",
            "role",
            "unit",
            "session",
            "request_id",
            "method",
            "action",
            "object",
            "reason",
            "note",
            "previous",
            "hash",
        ] {
            entries.col(text(column));
        }
        for column in ["via", "remote", "before", "after"] {
            entries.col(text_null(column));
        }
        manager.create_table(entries).await?;
        rls::append_only(manager, "audit").await?;
        let by_object = Index::create()
            .name("audit_by_object")
            .table("audit")
            .col("tenant")
            .col("object")
            .col("seq")
            .to_owned();
        manager.create_index(by_object).await?;

        let head = Table::create()
            .table("audit_head")
            .col(char_len("tenant", 6).primary_key())
            .col(big_integer("seq"))
            .col(text("hash"))
            .to_owned();
        manager.create_table(head).await?;
        rls::protect(manager, "audit_head").await
    }
}
