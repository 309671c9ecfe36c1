//! Work in bulk, and what became of those of its items that did not simply come out as done.

use sea_orm_migration::{prelude::*, schema::*};

use crate::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let operation = Table::create()
            .table("operation")
            .col(string_len("tenant", 6))
            .col(text("id"))
            .col(text("method"))
            .col(text("object"))
            .col(text("state"))
            .col(text("caller"))
            .col(text("ask"))
            .col(text("place"))
            .col(big_integer_null("total"))
            .col(big_integer("done"))
            .col(big_integer("failed"))
            .col(big_integer("skipped"))
            .col(big_integer("revision"))
            .col(text("reason"))
            .col(text("message"))
            .col(big_integer("epoch"))
            .col(big_integer("lease"))
            .col(big_integer("due"))
            .col(big_integer("served"))
            .col(integer("failures"))
            .col(big_integer("created"))
            .col(big_integer("updated"))
            .primary_key(Index::create().col("tenant").col("id"))
            .to_owned();
        manager.create_table(operation).await?;
        let open = Index::create()
            .name("operation_by_state")
            .table("operation")
            .col("state")
            .to_owned();
        manager.create_index(open).await?;
        rls::protect(manager, "operation").await?;

        let mut key = Index::create();
        key.col("tenant").col("operation").col("sequence");
        let item = Table::create()
            .table("operation_item")
            .col(string_len("tenant", 6))
            .col(text("operation"))
            .col(big_integer("sequence"))
            .col(text("name"))
            .col(text("outcome"))
            .col(text("reason"))
            .primary_key(&mut key)
            .to_owned();
        manager.create_table(item).await?;
        rls::protect(manager, "operation_item").await
    }
}
