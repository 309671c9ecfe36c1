//! Claimants read the lines that are paid to them.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut index = Index::create();
        index.name("payment_lines_by_payee").table("payment_lines");
        for column in ["tenant", "payee_ref", "id"] {
            index.col(column);
        }
        manager.create_index(index.to_owned()).await
    }
}
