//! What an approved change is to replace, as it stood when the change was proposed.

use sea_orm_migration::{prelude::*, schema::json_binary_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut alter = Table::alter();
        alter.table("changes");
        alter.add_column(json_binary_null("replaces"));
        manager.alter_table(alter).await
    }
}
