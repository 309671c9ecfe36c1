//! The city, its counties and their townships: whom the installation serves.

use sea_orm_migration::{prelude::*, schema::*};

use crate::db::{divisions, rls};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("divisions")
            .col(text("code").primary_key())
            .col(text("name"))
            .col(boolean("statistical_only"))
            .to_owned();
        manager.create_table(table).await?;
        rls::read_only(manager, "divisions").await?;
        divisions::fill(manager.get_connection()).await
    }
}
