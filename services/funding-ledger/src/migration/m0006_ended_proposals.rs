//! A proposal may be declined or withdrawn, with reasons.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["ended", "words"] {
            let mut proposals = Table::alter();
            proposals
                .table("proposals")
                .add_column(text(name).default(""));
            manager.alter_table(proposals.to_owned()).await?;
        }
        for (name, columns) in [
            // What waits, of one county and of all, oldest first.
            (
                "proposals_by_checker",
                ["tenant", "checker", "id"].as_slice(),
            ),
            ("proposals_by_id", &["id"]),
        ] {
            let mut index = Index::create();
            index.name(name).table("proposals");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index.to_owned()).await?;
        }
        Ok(())
    }
}
