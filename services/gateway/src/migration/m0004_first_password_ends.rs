//! How long a first password opens anything.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = Table::alter()
            .table("accounts")
            .add_column(big_integer("first_until_us").default(0))
            .to_owned();
        manager.alter_table(column).await
    }
}
