//! How many items of an operation something came of.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let changed = Table::alter()
            .table("operation")
            .add_column(big_integer("changed").default(0))
            .to_owned();
        manager.alter_table(changed).await
    }
}
