//! Pages of payment lines, each in the order of its ids: what a list is narrowed to leads its index, and the id
//! ends it, so that a page is read from where it begins and no further than it reaches.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEXES: [(&str, &[&str]); 3] = [
    ("payment_lines_by_round", &["tenant", "round", "id"]),
    ("payment_lines_by_shown", &["tenant", "state", "held", "id"]),
    (
        "payment_lines_by_round_and_shown",
        &["tenant", "round", "state", "held", "id"],
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut before = Index::drop();
        before.name("payment_lines_by_state").table("payment_lines");
        manager.drop_index(before.to_owned()).await?;
        for (name, columns) in INDEXES {
            let mut index = Index::create();
            index.name(name).table("payment_lines");
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index.to_owned()).await?;
        }
        Ok(())
    }
}
