//! Pages of cases, each in the order of its ids: what a list is narrowed to leads its index, and the id ends
//! it, so that a page is read from where it begins and no further than it reaches.

use sea_orm_migration::prelude::*;

use super::index;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

/// Indexes that did not end with the id.
const BEFORE: [&[&str]; 5] = [
    &["tenant", "state", "unit"],
    &["tenant", "round", "state"],
    &["tenant", "notice"],
    &["tenant", "roster"],
    &["tenant", "claimant_ref"],
];
/// Where two serve as well, SQLite takes the later one: narrower ones come last.
const NOW: [&[&str]; 8] = [
    &["tenant", "round", "id"],
    &["tenant", "state", "id"],
    &["tenant", "round", "state", "id"],
    &["tenant", "unit", "id"],
    &["tenant", "notice", "id"],
    &["tenant", "roster", "id"],
    &["tenant", "roster", "state", "id"],
    &["tenant", "claimant_ref", "id"],
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for columns in BEFORE {
            let name = format!("cases_{}", columns.join("_"));
            let mut drop = Index::drop();
            drop.name(name).table(Alias::new("cases"));
            manager.drop_index(drop.to_owned()).await?;
        }
        for columns in NOW {
            manager.create_index(index("cases", columns)).await?;
        }
        Ok(())
    }
}
