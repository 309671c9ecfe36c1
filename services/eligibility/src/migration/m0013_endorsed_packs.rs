//! The city's health approver endorses a version of the parameters before finance approves it (D.2).

use sea_orm_migration::prelude::*;

use super::text;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["endorsed_by", "endorsed_on"] {
            let mut column = text(name);
            column.default("");
            let mut alter = Table::alter();
            alter
                .table(Alias::new("policy_packs"))
                .add_column(&mut column);
            manager.alter_table(alter.to_owned()).await?;
        }
        Ok(())
    }
}
