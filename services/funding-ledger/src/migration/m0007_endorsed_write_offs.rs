//! A write-off is endorsed by the health office before finance approves it.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["endorser", "endorser_person"] {
            let mut proposals = Table::alter();
            proposals.table("proposals").add_column(text_null(name));
            manager.alter_table(proposals.to_owned()).await?;
        }
        Ok(())
    }
}
