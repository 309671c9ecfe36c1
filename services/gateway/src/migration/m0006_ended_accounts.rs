//! Accounts that were declined or withdrawn before they were in force.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["ended_by", "words"] {
            let added = Table::alter()
                .table("accounts")
                .add_column(text(column).default(""))
                .to_owned();
            manager.alter_table(added).await?;
        }
        Ok(())
    }
}
