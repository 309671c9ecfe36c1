//! Sessions and the refresh tokens that continue them.

use sea_orm_migration::{prelude::*, schema::*};
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sessions = Table::create()
            .table("sessions")
            .col(text("id").primary_key())
            .col(text("account"))
            .col(big_integer("opened_us"))
            .col(big_integer("expires_us"))
            .col(big_integer_null("ended_us"))
            .col(text_null("ended_why"))
            .to_owned();
        manager.create_table(sessions).await?;
        rls::open(manager, "sessions").await?;

        let tokens = Table::create()
            .table("refresh_tokens")
            .col(text("hash").primary_key())
            .col(text("session"))
            .col(big_integer("expires_us"))
            .col(big_integer_null("spent_us"))
            .to_owned();
        manager.create_table(tokens).await?;
        rls::open(manager, "refresh_tokens").await?;

        for (name, table, column) in [
            ("sessions_by_account", "sessions", "account"),
            ("sessions_by_end", "sessions", "expires_us"),
            ("refresh_tokens_by_session", "refresh_tokens", "session"),
        ] {
            let index = Index::create()
                .name(name)
                .table(table)
                .col(column)
                .to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
