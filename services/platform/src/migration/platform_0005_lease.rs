//! Who does a job that one replica does for all.

use sea_orm_migration::{prelude::*, schema::*};

use crate::db::rls;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let lease = Table::create()
            .table("lease")
            .col(text("job").primary_key())
            .col(text("owner"))
            .col(big_integer("epoch"))
            .col(big_integer("until_ms"))
            .to_owned();
        manager.create_table(lease).await?;
        rls::open(manager, "lease").await
    }
}
