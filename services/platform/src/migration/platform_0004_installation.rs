//! What the database is used for, what it was sealed with, and who has the keys at hand.

use sea_orm_migration::{prelude::*, schema::*};

use crate::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let keys = Table::create()
            .table("vault_keys")
            .col(text("kind"))
            .col(small_integer("id"))
            .col(text("check_value"))
            .col(text("state"))
            .primary_key(Index::create().col("kind").col("id"))
            .to_owned();
        manager.create_table(keys).await?;
        rls::open(manager, "vault_keys").await?;

        let replicas = Table::create()
            .table("vault_replicas")
            .col(text("replica").primary_key())
            .col(text("keys"))
            .col(small_integer("active"))
            .col(big_integer("seen_ms"))
            .to_owned();
        manager.create_table(replicas).await?;
        rls::open(manager, "vault_replicas").await?;

        let installation = Table::create()
            .table("installation")
            .col(small_integer("id").primary_key())
            .col(text("used_for"))
            .to_owned();
        manager.create_table(installation).await?;
        rls::open(manager, "installation").await
    }
}
