//! Accounts, and the persons who hold them.

use sea_orm_migration::{prelude::*, schema::*};
use yuhui_platform::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut accounts = Table::create();
        accounts.table("accounts").col(text("id").primary_key());
        accounts.col(text_uniq("login"));
        accounts.col(string_len("keeper", 6));
        accounts.col(binary("name_sealed"));
        for column in ["role", "unit", "person", "password_hash", "state", "maker"] {
            accounts.col(text(column));
        }
        accounts.col(text_null("maker_person"));
        accounts.col(big_integer("created_us"));
        accounts.col(big_integer("signed_in_us"));
        manager.create_table(accounts).await?;
        let by_person = Index::create()
            .name("accounts_by_person")
            .table("accounts")
            .col("person")
            .to_owned();
        manager.create_index(by_person).await?;
        rls::open(manager, "accounts").await?;

        let holders = Table::create()
            .table("holders")
            .col(text("person").primary_key())
            .col(big_integer("accounts"))
            .to_owned();
        manager.create_table(holders).await?;
        rls::open(manager, "holders").await
    }
}
