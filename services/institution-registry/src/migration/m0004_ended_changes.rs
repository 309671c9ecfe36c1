//! A change that was proposed may be declined or withdrawn, with reasons.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["ended", "words"] {
            let mut changes = Table::alter();
            changes.table("changes").add_column(text(name).default(""));
            manager.alter_table(changes.to_owned()).await?;
        }
        let mut by_institution = Index::create();
        by_institution
            .name("changes_by_institution")
            .table("changes")
            .col("tenant")
            .col("institution_id")
            .col("id");
        manager.create_index(by_institution.to_owned()).await
    }
}
