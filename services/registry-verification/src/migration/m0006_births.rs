//! Persons by birth: who counts a county's children does not look at everybody else.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let by_birth = Index::create()
            .name("persons_by_birth")
            .table("persons")
            .col("born_on")
            .col("died_on")
            .col("person_ref")
            .to_owned();
        manager.create_index(by_birth).await
    }
}
